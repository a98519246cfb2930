"""Who lives under which roof and what they hold, told through the doors agents and partners use; and what the desks were told."""

import json
from collections.abc import Sequence
from typing import Any

from schemas import topics
from schemas.commands import HouseholdPut
from schemas.envelope import Event
from schemas.households import SNAPSHOT, HouseholdBody
from schemas.reports import SUBMITTED
from schemas.words import Pillar
from services.intake.bodies import parse
from services.intake.partner_records import Door, forward
from services.rules import ids
from services.rules.machine import Message
from tests.scenarios.town import AGENT, Town


def holds(programme: str, since: str = "2022-01-01", **said: Any) -> dict[str, Any]:
    """One holding as callers write it."""
    return {"programme": programme, "valid_from": since, **said}


def lives(member_id: str, relation: str, **said: Any) -> dict[str, Any]:
    """One row of a roster."""
    return {"member_id": member_id, "relation": relation, **said}


def roof(town: Town, name: str, *holdings: dict[str, Any], country: str = "FR", members: Sequence[Any] = ()) -> Town:
    """A household as an agent enters it."""
    told = {"country": country, "language": "fr", "members": list(members), "holdings": list(holdings)}
    body = parse(json.dumps(told).encode(), HouseholdBody)
    household = ids.household_id("town", name)
    command = HouseholdPut(**town._command(AGENT), household_id=household, body=body)
    return town._send(topics.COMMANDS, household, "household_put", command)


def partners_roof(town: Town, partner: str, reference: str, **snapshot: Any) -> str:
    """A household as its partner publishes it, read as the gateway reads it; returns our id of it."""
    door = topics.partner(partner).households
    data = {"reference": reference, **snapshot}
    return _published(town, Door(partner, door, town.catalogue), data, type_=SNAPSHOT, id_=f"snapshot-{reference}")


def partner_reports(town: Town, partner: str, report_id: str, **said: Any) -> Town:
    """A report as a partner publishes it, read as the gateway reads it."""
    door = Door(partner, topics.partner(partner).incidents, town.catalogue)
    household = _published(town, door, said, type_=SUBMITTED, id_=report_id)
    town.last_case = ids.case_id(household, f"urn:partner:{partner}:crm", report_id)
    return town


def _published(town: Town, door: Door, data: dict[str, Any], *, type_: str, id_: str) -> str:
    """Returns the household it is about."""
    attributes = {"specversion": "1.0", "id": id_, "type": type_, "source": f"urn:partner:{door.partner_id}:crm"}
    headers = tuple((f"ce_{name}", text.encode()) for name, text in attributes.items())
    sent = (*headers, ("content-type", b"application/json"))
    record = Message(door.topic.name, 0, 0, b"k", json.dumps(data).encode(), sent, town.now)
    (send,) = forward(door, record, town.now)
    assert isinstance(send.body, Event)
    town.bus.publish(send.topic, send.key, send.body, town.now)
    town.bus.settle(town.now)
    return send.key


def dispatched(town: Town) -> dict[str, set[str]]:
    """What left for the desks about the last case: each pillar asked, and the services its responder may use."""
    sent = [event.data for topic, event in town.bus.events if topic.startswith("dispatch.")]
    return {str(one.pillar): set(one.services) for one in sent if getattr(one, "case_id", None) == town.last_case}  # type: ignore[attr-defined]


def rings(town: Town, *pillars: str, region: str = "fr", paged: str | None = None) -> Town:
    """Exactly these pillars' desks rang somebody, and this post was paged; every other track of the case says that others serve it."""
    town.expects_offers(*(f"r-{pillar}-{region}" for pillar in pillars), paged=paged)
    assert set(dispatched(town)) == set(pillars)
    elsewhere = {str(track.pillar) for track in town.case().tracks if track.state == "not_covered_referred"}
    assert elsewhere == {str(one.pillar) for one in town.case().tracks} - set(pillars)
    return town


EVERY = tuple(str(one) for one in Pillar)
