"""Intake's own metrics, each declared here once. Labels are codes and route templates, never ids or texts."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)


class IntakeMetrics:
    """Registered once per process; never at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        count = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        timed = partial(Histogram, registry=registry, buckets=SECONDS)
        # Reports, as they come in: what was taken, and what was not and why.
        self.received = count("sameroof_reports_received", "Reports accepted by the bus", ["channel", "band"])
        self.rejected = count("sameroof_reports_rejected", "Reports refused, by reason", ["channel", "reason"])
        self.flagged = count("sameroof_reports_flagged", "Reports accepted with a remark, by flag", ["channel", "flag"])
        self.unknown_fields = count("sameroof_reports_unknown_fields", "Fields of reports nobody knows", ["channel"])
        # Calls: how long they took, how long they waited for the single writer, what could not be taken.
        self.calls = timed("sameroof_http_call_seconds", "Calls by route and status", ["method", "route", "status"])
        self.outcome_wait = timed("sameroof_outcome_wait_seconds", "From sent to outcome and read model")
        self.unanswered = count("sameroof_commands_unanswered", "Commands answered 202: no outcome in time")
        self.bus_sent = count("sameroof_bus_records_sent", "Records the bus took from calls")
        self.bus_refusals = count("sameroof_bus_refusals", "Calls answered 503: the bus took nothing in time")
        self.covert_looks = count(
            "sameroof_covert_looks", "Looks at covert cases by reference, hits and misses", ["result"]
        )
        self.throttled = count("sameroof_calls_throttled", "Calls answered 429")
        # The dead man: P0 reports that intake pages about by itself, and how far each page is (watching, paging, paged).
        self.dead_man_pages = count("sameroof_dead_man_pages", "Pages sent by intake itself, by reason", ["reason"])
        self.dead_man_failures = count("sameroof_dead_man_failures", "Deliveries of them that failed; tried again")
        self.dead_man_open = gauge("sameroof_dead_man_open", "P0 reports watched, paged or to be recorded", ["state"])
        # The read model and the streams fed from it.
        self.read_model_lag = gauge("sameroof_read_model_lag_records", "Records the read model has not read yet")
        self.unreadable = count("sameroof_read_model_unreadable", "Records of ours nobody can read", ["topic"])
        self.bus_up = gauge("sameroof_bus_up", "1 while this process sees the bus")
        self.streams = gauge("sameroof_board_streams", "Boards being fed")
