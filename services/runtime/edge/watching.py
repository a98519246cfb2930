"""Tells the metrics of an edge, once a second, how many records are out and how far the commits are behind."""

from collections import Counter
from typing import cast

from services.runtime.edge.application import EdgeApp
from services.runtime.edge.metrics import EdgeMetrics
from services.runtime.edge.transport import HardenedConsumer

EVERY_SECONDS = 1.0


def watch(app: EdgeApp, metrics: EdgeMetrics) -> None:
    """Registers the timer."""

    async def look() -> None:
        consumer = cast("HardenedConsumer", app.consumer)
        out: Counter[str] = Counter()
        lag: Counter[str] = Counter()
        for tp, behind in consumer.behind().items():
            out[tp.topic] += len(consumer.progress[tp])
            lag[tp.topic] += behind
        for topic in lag:
            metrics.out.labels(app.conf.id, topic).set(out[topic])
            metrics.lag.labels(app.conf.id, topic).set(lag[topic])

    app.timer(EVERY_SECONDS, name=f"{app.conf.id}.watch")(look)
