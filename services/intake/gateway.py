"""The partner gateway: a hardened Faust worker that admits what partners publish and forwards it; at least once, nothing lost.

Each partner has two consumer groups of its own, one for its P0 lane and one for the rest, so that no flood delays another lane.
"""

from datetime import datetime
from functools import partial

from mode import ServiceT

from schemas import catalogue, topics
from schemas.catalogue import Catalogue
from schemas.words import DeadReason
from services.intake.gateway_metrics import GatewayMetrics
from services.intake.gateway_settings import GatewaySettings
from services.intake.partner_records import Accepted, Door, forward
from services.intake.partner_updates import update
from services.intake.rejecting import reject
from services.rules.dead_letters import dead_letter
from services.rules.machine import Message, Send
from services.runtime.edge.edge import Edges
from services.runtime.edge.forwarding import Forwarding
from services.runtime.hosting import Host, Part, host
from services.runtime.settings import load


def main() -> None:
    """Reads settings and catalogue, then runs until told to stop."""
    settings = load(GatewaySettings)
    host("gateway", settings, *parts(settings, catalogue.load(settings.catalogue)))


def parts(settings: GatewaySettings, released: Catalogue) -> list[Part]:
    """One edge per lane of each partner, the P0 lanes first, and one that tells partners about their cases."""
    urgent: dict[str, tuple[Door, ...]] = {}
    ordinary: dict[str, tuple[Door, ...]] = {}
    for partner_id in settings.partners:
        doors = topics.partner(partner_id)
        urgent[f"gateway-{partner_id}-urgent"] = (Door(partner_id, doors.incidents_p0, released),)
        ordinary[f"gateway-{partner_id}"] = tuple(
            Door(partner_id, topic, released) for topic in (doors.incidents, doors.households)
        )
    made = _Made(settings)
    return [*(partial(made.lane, group, lane) for group, lane in (urgent | ordinary).items()), made.updates]


class _Made:
    """What the gateway's edges share, made with the first of them."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._partners = settings.partners
        self._shared: tuple[Edges, GatewayMetrics] | None = None

    def lane(self, group: str, doors: tuple[Door, ...], hosted: Host) -> ServiceT:
        """The edge of one lane of one partner."""
        edges, metrics = self._share(hosted)
        return edges.forward(group, {door.topic.name: _rule(door, metrics.accepted) for door in doors})

    def updates(self, hosted: Host) -> ServiceT:
        """The edge that tells partners about their own cases."""
        edges, _ = self._share(hosted)
        rule = Forwarding(lambda message, _: update(message, self._partners), _unreadable)
        return edges.forward("gateway-updates", {topics.CASES.name: rule})

    def _share(self, hosted: Host) -> tuple[Edges, GatewayMetrics]:
        if self._shared is None:
            edges = Edges.build(hosted.settings, clock=hosted.clock, health=hosted.health, registry=hosted.registry)
            self._shared = edges, GatewayMetrics(hosted.registry)
        return self._shared


def _rule(door: Door, accepted: Accepted) -> Forwarding:
    return Forwarding(
        lambda message, now: forward(door, message, now, accepted),
        lambda message, reason, now: reject(door, message, reason, now),
    )


def _unreadable(message: Message, reason: DeadReason, now: datetime) -> tuple[Send, ...]:
    return (dead_letter("intake", message, reason, now),)


if __name__ == "__main__":
    main()
