"""The edges' metrics, each declared here once."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.runtime.metrics import SECONDS


class EdgeMetrics:
    """Registered once per process, by the first edge that is built."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.settled = Counter(
            "sameroof_edge_settled",
            "Records whose deliveries were all acknowledged",
            ["group", "topic"],
            registry=registry,
        )
        self.dead = Counter(
            "sameroof_edge_dead_letters",
            "Records that became dead letters",
            ["group", "topic", "reason"],
            registry=registry,
        )
        self.out = Gauge(
            "sameroof_edge_out", "Records given out and not settled", ["group", "topic"], registry=registry
        )
        self.lag = Gauge(
            "sameroof_edge_lag_records",
            "Records of a topic after the committed offset",
            ["group", "topic"],
            registry=registry,
        )
        self.settle_seconds = Histogram(
            "sameroof_edge_settle_seconds",
            "Oldest record of a group: broker append to last delivery",
            ["group", "topic"],
            registry=registry,
            buckets=(*SECONDS, 30.0, 120.0),
        )
