"""The gateway's metrics, each declared here once; dead letters and delays are those of every edge (services/runtime/edge)."""

from prometheus_client import CollectorRegistry, Counter

from schemas.reports import ReportSubmitted
from schemas.topics import Topic
from services.rules.admission import Admitted


class GatewayMetrics:
    """Registered once per process. The names are those of the API where both count the same thing; partners are codes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.received = Counter(
            "sameroof_partner_reports_received", "Reports admitted, by lane", ["partner", "lane"], registry=registry
        )
        self.flagged = Counter(
            "sameroof_partner_reports_flagged",
            "Reports admitted with a remark, by flag",
            ["partner", "flag"],
            registry=registry,
        )
        self.unknown_fields = Counter(
            "sameroof_partner_reports_unknown_fields", "Fields of reports nobody knows", ["partner"], registry=registry
        )

    def accepted(self, report: ReportSubmitted, admitted: Admitted, lane: Topic) -> None:
        """Counts one report. A record read twice is counted twice: the edge is at least once."""
        partner = report.partner_id or ""
        self.received.labels(partner, lane.name).inc()
        for flag in admitted.flags:
            self.flagged.labels(partner, flag.value).inc()
        if admitted.unknown_fields:
            self.unknown_fields.labels(partner).inc(admitted.unknown_fields)
