"""The pager's metrics, each declared here once. Labels are codes, never recipients."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 600.0)


class PagerMetrics:
    """Of what is told. Registered once per process; never at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.delivered = Counter(
            "sameroof_notices_delivered", "Notices a provider took", ["kind", "band", "method"], registry=registry
        )
        self.failures = Counter(
            "sameroof_notice_attempts_failed", "Attempts that failed", ["band", "method", "reason"], registry=registry
        )
        self.handed_over = Counter(
            "sameroof_notices_handed_over", "Notices given to the sink instead: page", ["reason"], registry=registry
        )
        self.delivery_seconds = Histogram(
            "sameroof_notice_delivery_seconds",
            "Issued to taken by a provider",
            ["band"],
            registry=registry,
            buckets=SECONDS,
        )
        self.telling = Gauge("sameroof_notices_open", "Notices read and not delivered yet", ["band"], registry=registry)


class RosterMetrics:
    """Of the read model of rosters, by the part that feeds it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.roster = Gauge("sameroof_pager_roster", "Responders on the rosters read", registry=registry)
        self.roster_unreadable = Gauge(
            "sameroof_pager_roster_unreadable", "Roster records nobody can read", registry=registry
        )
