"""An edge that copies records, in a process of its own: `python -m tests.stage.edge_process hardened|stock IN OUT`.

`hardened` is the product's edge with a rule that raises on the value `raise`; `stock` is Faust as it comes, with the same rule
and the same settings, to prove that these tests can fail.
"""

import sys
from dataclasses import replace
from datetime import datetime

import faust

from schemas import topics
from schemas.words import DeadReason
from services.rules.dead_letters import dead_letter
from services.rules.machine import Letter, Message, Send
from services.runtime.edge.application import EdgeApp, _settings
from services.runtime.edge.edge import Edges
from services.runtime.edge.forwarding import Forwarding
from services.runtime.hosting import Host, host
from services.runtime.settings import RuntimeSettings, load

GROUP = "copy"


def decide(out: str, message: Message, _: datetime) -> tuple[Send, ...]:
    """A copy under the same key; raises as a bug would."""
    if message.value == b"raise":
        raise RuntimeError("a bug")
    key = (message.key or b"none").decode("utf-8", "replace")
    return (Send(replace(topics.INCIDENTS, name=out), key, key, Letter(message.value, message.headers)),)


def reject(message: Message, reason: DeadReason, now: datetime) -> tuple[Send, ...]:
    """A dead letter of intake."""
    return (dead_letter("intake", message, reason, now),)


def hardened(settings: RuntimeSettings, source: str, out: str) -> None:
    """Runs the product's edge until told to stop."""

    def part(hosted: Host) -> EdgeApp:
        edges = Edges.build(settings, clock=hosted.clock, health=hosted.health, registry=hosted.registry)
        rule = Forwarding(lambda message, now: decide(out, message, now), reject)
        return edges.forward(GROUP, {source: rule})

    host("copy", settings, part)


def stock(settings: RuntimeSettings, source: str, out: str) -> None:
    """Runs plain Faust until told to stop."""

    def part(hosted: Host) -> faust.App:
        broker = f"kafka://{settings.kafka_bootstrap_servers.replace(',', ';kafka://')}"
        app = faust.App(GROUP, **{**_settings(), "broker": broker})
        target = app.topic(out, key_type=bytes, value_type=bytes)

        async def copy(stream: faust.StreamT[bytes]) -> None:
            async for event in stream.events():
                if event.value == b"raise":
                    raise RuntimeError("a bug")
                await (await target.send(key=event.key, value=event.value))

        app.agent(app.topic(source, key_type=bytes, value_type=bytes), concurrency=1)(copy)
        hosted.health.ready_if(lambda: None if app.started and not app.rebalancing else "not yet")
        return app

    host("copy", settings, part)


if __name__ == "__main__":
    kind, given_source, given_out = sys.argv[1:]
    (hardened if kind == "hardened" else stock)(load(RuntimeSettings), given_source, given_out)
