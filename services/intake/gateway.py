"""The partner gateway: a hardened Faust worker that admits what partners publish and forwards it; at least once, nothing lost.

Each partner has three consumer groups of its own, so that no flood delays what is urgent: one for its P0 lane, one for the rest,
and a scout that reads ahead on the rest for what should have come by the P0 lane.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from schemas import topics
from schemas.catalogue import Releases
from schemas.words import DeadReason
from services.intake.gateway_metrics import GatewayMetrics
from services.intake.gateway_settings import GatewaySettings
from services.intake.partner_records import Accepted, Door, forward
from services.intake.partner_updates import update
from services.intake.rejecting import reject
from services.intake.scouting import Scout
from services.rules.dead_letters import dead_letter
from services.rules.detection import prepare
from services.rules.machine import Message, Send
from services.runtime.edge.application import EdgeApp
from services.runtime.edge.edge import Edges
from services.runtime.edge.forwarding import Forwarding
from services.runtime.edge.together import Together
from services.runtime.hosting import Host, agreement, host
from services.runtime.settings import load


def main() -> None:
    """Reads settings and catalogue, then runs until told to stop."""
    settings = load(GatewaySettings)
    used = agreement(topics.used_by("intake", settings.partners))
    host("gateway", settings, used, partial(edges, settings, settings.releases()))


def edges(settings: GatewaySettings, releases: Releases, hosted: Host) -> Together:
    """One edge per lane of each partner, and one that tells partners about their cases."""
    prepare()
    shared = Edges.build(settings, clock=hosted.clock, health=hosted.health, registry=hosted.registry)
    accepted = GatewayMetrics(hosted.registry).accepted
    made = [lane for partner_id in settings.partners for lane in _lanes(shared, partner_id, releases, accepted)]
    updates = Forwarding(lambda message, _: update(message, settings.partners), _unreadable)
    return Together([*made, shared.forward("gateway-updates", {topics.CASES.name: updates})])


def _lanes(shared: Edges, partner_id: str, releases: Releases, accepted: Accepted) -> list[EdgeApp]:
    named = topics.partner(partner_id)
    urgent, ordinary, households = (
        Door(partner_id, topic, releases.own, releases.judging_otherwise)
        for topic in (named.incidents_p0, named.incidents, named.households)
    )
    ahead = Scout(ordinary)
    scout = shared.forward(f"gateway-{partner_id}-scout", {ordinary.topic.name: Forwarding(ahead.ahead, ahead.reject)})
    rest = {
        ordinary.topic.name: replace(_rule(ordinary, accepted), gives_way=lambda: scout.far_behind),
        households.topic.name: _rule(households, accepted),
    }
    return [
        shared.forward(f"gateway-{partner_id}-urgent", {urgent.topic.name: _rule(urgent, accepted)}),
        scout,
        shared.forward(f"gateway-{partner_id}", rest),
    ]


def _rule(door: Door, accepted: Accepted) -> Forwarding:
    return Forwarding(
        lambda message, now: forward(door, message, now, accepted),
        lambda message, reason, now: reject(door, message, reason, now),
    )


def _unreadable(message: Message, reason: DeadReason, now: datetime) -> tuple[Send, ...]:
    return (dead_letter("intake", message, reason, now),)


if __name__ == "__main__":
    main()
