"""The runtime's own metrics, each declared here once; a service declares its own in its `metrics.py`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ProcessorMetrics:
    """Of the partition processor: series by owned partition, or by topic. Registered once, in `hosting.processor`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # A partition that stopped and needs a human: alert on any 1.
        self.halted = Gauge("sameroof_partition_halted", "1: stopped, page", ["partition", "reason"], registry=registry)
        # Firing deadlines raises: alert on any 1, promises of that partition are not kept.
        self.timers_failing = Gauge(
            "sameroof_timers_failing", "1: firing raises, page", ["partition"], registry=registry
        )
        self.reopened = Counter(
            "sameroof_partition_reopened", "Rebuilt because a handler raised", ["partition"], registry=registry
        )
        self.restore_seconds = Gauge(
            "sameroof_restore_seconds", "The last opening took", ["partition"], registry=registry
        )
        self.handled = Counter(
            "sameroof_records_handled", "Records handled and committed", ["topic"], registry=registry
        )
        self.rejected = Counter(
            "sameroof_records_rejected", "Given up by the processor: alert", ["topic", "reason"], registry=registry
        )
        self.sent = Counter("sameroof_records_sent", "Records published and committed", ["topic"], registry=registry)
        self.transaction_seconds = Histogram(
            "sameroof_transaction_seconds", "Begin to commit", registry=registry, buckets=SECONDS
        )
        self.deadline_late_seconds = Histogram(
            "sameroof_deadline_late_seconds",
            "How late a round's oldest deadline fired",
            registry=registry,
            buckets=SECONDS,
        )


class RuntimeMetrics:
    """Of every process. Registered once, in `host`; never at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.clock_ahead = Gauge("sameroof_clock_wall_ahead_seconds", "Wall clock minus our clock", registry=registry)
        # The wall clock left ours by more than half a second: alert on 1.
        self.clock_slewing = Gauge(
            "sameroof_clock_slewing", "1: being brought back to the wall clock", registry=registry
        )
        # A log field that is not on the list: a bug of ours, and maybe somebody's data kept out.
        self.log_fields_dropped = Counter(
            "sameroof_log_fields_dropped", "Kept out of logs", ["field"], registry=registry
        )
