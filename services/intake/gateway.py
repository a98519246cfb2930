"""The partner gateway: a hardened Faust worker that admits what partners publish and forwards it; at least once, nothing lost.

Each partner has two consumer groups of its own, one for its P0 lane and one for the rest, so that no flood delays another lane.
"""

import gc
from datetime import datetime
from functools import partial

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
from services.runtime.edge.together import Together
from services.runtime.hosting import Host, host
from services.runtime.settings import load

YOUNG_OBJECTS = 20_000


def main() -> None:
    """Reads settings and catalogue, then runs until told to stop."""
    settings = load(GatewaySettings)
    gc.freeze()  # what is loaded by now stays; with fewer collections a record costs a tenth less
    gc.set_threshold(YOUNG_OBJECTS)
    host("gateway", settings, partial(edges, settings, catalogue.load(settings.catalogue)))


def edges(settings: GatewaySettings, released: Catalogue, hosted: Host) -> Together:
    """One edge per lane of each partner, and one that tells partners about their cases."""
    shared = Edges.build(settings, clock=hosted.clock, health=hosted.health, registry=hosted.registry)
    accepted = GatewayMetrics(hosted.registry).accepted
    made = [
        shared.forward(group, {door.topic.name: _rule(door, accepted) for door in lane})
        for partner_id in settings.partners
        for group, lane in _lanes(partner_id, released).items()
    ]
    updates = Forwarding(lambda message, _: update(message, settings.partners), _unreadable)
    return Together([*made, shared.forward("gateway-updates", {topics.CASES.name: updates})])


def _lanes(partner_id: str, released: Catalogue) -> dict[str, tuple[Door, ...]]:
    doors = topics.partner(partner_id)
    return {
        f"gateway-{partner_id}-urgent": (Door(partner_id, doors.incidents_p0, released),),
        f"gateway-{partner_id}": tuple(
            Door(partner_id, topic, released) for topic in (doors.incidents, doors.households)
        ),
    }


def _rule(door: Door, accepted: Accepted) -> Forwarding:
    return Forwarding(
        lambda message, now: forward(door, message, now, accepted),
        lambda message, reason, now: reject(door, message, reason, now),
    )


def _unreadable(message: Message, reason: DeadReason, now: datetime) -> tuple[Send, ...]:
    return (dead_letter("intake", message, reason, now),)


if __name__ == "__main__":
    main()
