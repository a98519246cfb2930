"""The runtime's own metrics, each declared here once; a service declares its own in its `metrics.py`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RuntimeMetrics:
    """Registered once per process, in `host`; never at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.clock_ahead = Gauge("sameroof_clock_wall_ahead_seconds", "Wall clock minus our clock", registry=registry)
        self.clock_slewing = Gauge("sameroof_clock_slewing", "1 while the clock is slewed: alarm", registry=registry)
        self.log_fields_dropped = Counter(
            "sameroof_log_fields_dropped", "Log fields not on the list", ["field"], registry=registry
        )
        # Processor: one series per owned partition, removed when the partition moves.
        self.halted = Gauge(
            "sameroof_partition_halted",
            "1 while a partition is stopped: page",
            ["partition", "reason"],
            registry=registry,
        )
        self.handled = Counter(
            "sameroof_records_handled", "Records handled and committed", ["topic"], registry=registry
        )
        self.rejected = Counter(
            "sameroof_records_rejected",
            "Records dead-lettered by the processor",
            ["topic", "reason"],
            registry=registry,
        )
        self.sent = Counter("sameroof_records_sent", "Records published and committed", ["topic"], registry=registry)
        self.reopened = Counter(
            "sameroof_partition_reopened",
            "Partitions rebuilt because a handler raised",
            ["partition"],
            registry=registry,
        )
        self.transaction_seconds = Histogram(
            "sameroof_transaction_seconds", "Begin to commit", registry=registry, buckets=SECONDS
        )
        self.restore_seconds = Gauge(
            "sameroof_restore_seconds", "How long the last opening took", ["partition"], registry=registry
        )
        self.fired_rounds = Counter("sameroof_deadline_rounds", "Transactions that fired deadlines", registry=registry)
        self.deadline_late_seconds = Histogram(
            "sameroof_deadline_late_seconds",
            "Oldest deadline of a round: how late it fired",
            registry=registry,
            buckets=SECONDS,
        )
        self.timers_failing = Gauge(
            "sameroof_timers_failing", "1 while firing deadlines raises: page", ["partition"], registry=registry
        )
