"""The edges of the product: partners' doors with their scouts, and the pager; what each record becomes is the product's own decision."""

from typing import cast

from schemas import notices, topics
from schemas.catalogue import Catalogue
from schemas.envelope import EnvelopeError
from schemas.messages import read
from schemas.notices import NoticeIssued
from services.intake.partner_records import Door, forward
from services.intake.rejecting import reject
from services.intake.scouting import Scout
from services.pager.receipts import receipt
from services.rules.machine import Message, Send
from tests.simulation.edges import Decide, Edge
from tests.simulation.hosts import Host
from tests.simulation.log import Log
from tests.simulation.people import People


def edges_of(partners: tuple[str, ...], catalogue: Catalogue, log: Log, people: People) -> list[Edge]:
    """One edge per partition that an edge of the product reads."""
    found = []
    for partner in partners:
        named = topics.partner(partner)
        for topic in (named.incidents_p0, named.incidents, named.households):
            door = Door(partner, topic, catalogue)
            found += [
                Edge(f"gateway-{place[1]}@{topic.name}", place, _forwards(door)) for place in log.places([topic.name])
            ]
        scout = Scout(Door(partner, named.incidents, catalogue))
        found += [
            Edge(f"scout-{place[1]}@{partner}", place, _scouts(scout)) for place in log.places([named.incidents.name])
        ]
    told = topics.NOTICES_TOPIC.name
    return found + [Edge(f"pager-{place[1]}", place, _tells(people)) for place in log.places([told])]


def _forwards(door: Door) -> Decide:
    def decide(message: Message, host: Host) -> tuple[Send, ...]:
        try:
            return forward(door, message, host.now())
        except EnvelopeError as refused:
            return reject(door, message, refused.reason, host.now())

    return decide


def _scouts(scout: Scout) -> Decide:
    def decide(message: Message, host: Host) -> tuple[Send, ...]:
        try:
            return scout.ahead(message, host.now())
        except EnvelopeError as refused:
            return scout.reject(message, refused.reason, host.now())

    return decide


def _tells(people: People) -> Decide:
    allowed = frozenset({notices.ISSUED})

    def decide(message: Message, host: Host) -> tuple[Send, ...]:
        notice = cast("NoticeIssued", read(message.value, message.headers, allowed).data)
        people.told(notice)
        taken = receipt(notice, delivered=True, method="log", at=host.now())
        return () if taken is None else (taken,)

    return decide
