"""Intake's own metrics, each declared here once. Labels are codes and route templates, never ids or texts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)


class IntakeMetrics:
    """Registered once per process; never at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Reports, as they come in: what was taken, and what was not and why.
        self.received = Counter(
            "sameroof_reports_received", "Reports accepted by the bus", ["channel", "band"], registry=registry
        )
        self.rejected = Counter(
            "sameroof_reports_rejected", "Reports refused, by reason", ["channel", "reason"], registry=registry
        )
        self.flagged = Counter(
            "sameroof_reports_flagged",
            "Reports accepted with a remark, by flag",
            ["channel", "flag"],
            registry=registry,
        )
        self.unknown_fields = Counter(
            "sameroof_reports_unknown_fields", "Fields of reports nobody knows", ["channel"], registry=registry
        )
        # Calls: how long they took, how long they waited for the single writer, what could not be taken.
        self.calls = Histogram(
            "sameroof_http_call_seconds", "Calls by route and status", ["method", "route", "status"],
            registry=registry, buckets=SECONDS,
        )  # fmt: skip
        self.outcome_wait = Histogram(
            "sameroof_outcome_wait_seconds", "Sent to outcome and read model", registry=registry, buckets=SECONDS
        )
        self.unanswered = Counter(
            "sameroof_commands_unanswered", "Commands answered 202: no outcome in time", registry=registry
        )
        self.bus_sent = Counter("sameroof_bus_records_sent", "Records the bus took from calls", registry=registry)
        self.bus_refusals = Counter(
            "sameroof_bus_refusals", "Calls answered 503: the bus took nothing in time", registry=registry
        )
        self.throttled = Counter("sameroof_calls_throttled", "Calls answered 429", registry=registry)
        # The dead man: P0 reports that intake pages about by itself, and how far each page is.
        self.dead_man_pages = Counter(
            "sameroof_dead_man_pages", "Pages sent by intake itself, by reason", ["reason"], registry=registry
        )
        self.dead_man_failures = Counter(
            "sameroof_dead_man_failures",
            "Deliveries of such pages that failed and will be tried again",
            registry=registry,
        )
        self.dead_man_open = Gauge(
            "sameroof_dead_man_open",
            "P0 reports watched, being paged or not yet recorded",
            ["state"],
            registry=registry,
        )
        # The read model and the streams fed from it.
        self.read_model_lag = Gauge(
            "sameroof_read_model_lag_records", "Records the read model has not read yet", registry=registry
        )
        self.unreadable = Counter(
            "sameroof_read_model_unreadable", "Records of our own topics nobody can read", ["topic"], registry=registry
        )
        self.bus_up = Gauge("sameroof_bus_up", "1 while this process sees the bus", registry=registry)
        self.streams = Gauge("sameroof_board_streams", "Boards being fed", registry=registry)
