"""One edge: a Faust app of one consumer group with its agents, its part in health, and its metrics."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from services.runtime.clock import Clock
from services.runtime.connection import client_options
from services.runtime.edge.application import EdgeApp
from services.runtime.edge.arrivals import Take, listen
from services.runtime.edge.forwarding import POINTS, Forwarder, Forwarding, Means
from services.runtime.edge.metrics import EdgeMetrics
from services.runtime.edge.publishing import Publisher
from services.runtime.edge.watching import watch
from services.runtime.exits import CrashPoints, End, end_process
from services.runtime.health import Health
from services.runtime.settings import RuntimeSettings

LONGEST_REBALANCE_SECONDS = 90.0


@dataclass(frozen=True)
class Edges:
    """What the edges of one process share; `build` it once, then make edges of it."""

    settings: RuntimeSettings
    clock: Clock
    health: Health
    metrics: EdgeMetrics
    points: CrashPoints
    end: End = end_process

    @classmethod
    def build(
        cls,
        settings: RuntimeSettings,
        *,
        clock: Clock,
        health: Health,
        registry: CollectorRegistry,
        points: tuple[str, ...] = POINTS,
    ) -> "Edges":
        """Registers the edges' metrics with `registry`; `points` are the labelled points at which a test may end the process."""
        return cls(settings, clock, health, EdgeMetrics(registry), CrashPoints(settings.crash_at, points))

    def app(self, group: str, *, settle_within: float = 5.0, most_out: int = 1_000) -> EdgeApp:
        """An app of the consumer group `group`, watched by the operations port. Group names contain no dot."""
        assert "." not in group, "a partner owns every name that starts with its id and a dot"
        app = EdgeApp(
            group,
            client_options=client_options(self.settings, f"sameroof-{group}"),
            instance=self.settings.instance,
            settle_within=settle_within,
            most_out=most_out,
        )
        self._mind(app)
        watch(app, self.metrics)
        return app

    def listen(self, app: EdgeApp, topic: str, take: Take) -> None:
        """Hands every record of `topic` to `take`, which must not raise, await or lose it."""
        listen(app, topic, take, clock=self.clock, end=self.end)

    def forward(self, group: str, topics: Mapping[str, Forwarding]) -> EdgeApp:
        """An app that forwards each of `topics` by its own rule, each on a task of its own."""
        app = self.app(group)
        publisher = Publisher(app, self.settings.partitions, self.end)
        means = Means(self.clock, self.metrics, self.end, self.points)
        for topic, forwarding in topics.items():
            forwarder = Forwarder(group, forwarding, publisher, means)
            self.listen(app, topic, forwarder.take)
            app.task(forwarder.run)
        return app

    def _mind(self, app: EdgeApp) -> None:
        self.health.ready_if(lambda: None if app.joined else f"{app.conf.id}: no membership yet")
        self.health.alive_if(_rebalancing_too_long(app))


def _rebalancing_too_long(app: EdgeApp) -> Callable[[], str | None]:
    since: list[float] = []

    def check() -> str | None:
        if not app.rebalancing:
            since.clear()
            return None
        since[:] = since or [time.monotonic()]
        stuck = time.monotonic() - since[0] > LONGEST_REBALANCE_SECONDS
        return f"{app.conf.id}: rebalancing for too long" if stuck else None

    return check
