"""Nothing urgent waits behind something that isn't: a P0 behind 50,000 unread P3, on every hop that can queue."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.kafka import provide
from schemas import dispatch, topics
from schemas.base import Actor
from schemas.dispatch import DispatchTaken
from schemas.envelope import Event, encode
from schemas.topics import Topic
from schemas.words import Band, Channel, Pillar, Role
from services.rules import ids
from services.rules.admission import admit, event_of, report_of
from tests.shipped import CATALOGUE
from tests.stage.dumps import dump, ends
from tests.stage.fleet import Member, wait_until
from tests.stage.product import PARTNER, Product, Watch, product

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(180)]
BACKLOG = 50_000
PILLARS = (Pillar.TECHNICAL, Pillar.FINANCIAL)  # the two that a phishing report needs
PLAIN = b'{"code":"phishing","country":"FR"}'
URGENT = b'{"code":"phishing","country":"FR","signals":["money_leaving"]}'


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Product]:
    broker = provide()
    try:
        with product(broker, tmp_path) as running:
            for pillar in PILLARS:
                running.on_duty(f"r-{pillar}", f"{pillar}-fr")
            yield running
    finally:
        broker.close()


def report(raw: bytes, name: str) -> tuple[Topic, Event]:
    now = datetime.now(UTC)
    told = report_of(
        admit(raw, sender=None, at=now, catalogue=CATALOGUE),
        source="urn:sameroof:intake",
        report_id=name,
        channel=Channel.AGENT,
        actor=Actor(role=Role.AGENT, id="agent-1"),
        received_at=now,
    )
    return event_of(told, CATALOGUE)


def backlog_of_reports() -> Iterator[tuple[str, bytes, dict[str, bytes]]]:
    """As many different reports as the backlog has, from one template: building each would take longer than reading them."""
    _, event = report(PLAIN, "backlog-00000")
    value, headers = encode(event)
    for number in range(BACKLOG):
        name = f"{number:05d}".encode()
        household = ids.derived("household", number)
        text = value.replace(b"backlog-00000", b"backlog-" + name).replace(
            event.partitionkey.encode(), household.encode()
        )
        yield household, text, dict(headers) | {"ce_id": b"backlog-" + name}


def backlog_of_tracks(pillar: Pillar) -> Iterator[tuple[str, bytes, dict[str, bytes]]]:
    now = datetime.now(UTC)
    track = DispatchTaken(
        track_id="track-00000",
        case_id="case-00000",
        household_id="household-1",
        desk_id=f"{pillar}-fr",
        pillar=pillar,
        band=Band.P3,
        epoch=1,
        lead=True,
        code="phishing",
        received_at=now,
        acknowledge_by=datetime(2099, 1, 1, tzinfo=UTC),
        catalogue=CATALOGUE.version,
    )
    value, headers = encode(Event("track-00000", dispatch.TAKEN, "urn:sameroof:router", now, track, track.desk_id))
    for number in range(BACKLOG):
        name = f"{number:05d}".encode()
        yield track.desk_id, value.replace(b"-00000", b"-" + name), dict(headers) | {"ce_id": b"track-" + name}


def partner_report(raw: bytes, name: str) -> tuple[str, bytes, dict[str, bytes]]:
    headers = {
        "ce_specversion": b"1.0",
        "ce_id": name.encode(),
        "ce_source": f"urn:partner:{PARTNER}:crm".encode(),
        "ce_type": b"eu.sameroof.report.v1.submitted",
        "content-type": b"application/json",
    }
    return name, raw, headers


def lag(member: Member, topic: str) -> float:
    """Unread records of a topic, as the process shows them."""
    lines = member.get("/metrics")[1].splitlines()
    mine = [line for line in lines if line.startswith("sameroof_") and "lag" in line and f'topic="{topic}"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in mine)


def offered_after(town: Product, watches: dict[Pillar, Watch], place: Topic, *, within: float) -> dict[Pillar, float]:
    """Seconds from the broker's append of the last record on `place` to each desk's committed offer to a free responder."""
    wanted = dict.fromkeys(PILLARS, b'"band":"P0"')
    seen = {pillar: watches[pillar].first(wanted[pillar], within + 30) for pillar in PILLARS}
    appended = last_append(town, place)
    waited = {pillar: at - appended for pillar, at in seen.items()}
    print(
        f"\n  append on {place.name} to committed offer: "
        + ", ".join(f"{p} {s * 1000:.0f} ms" for p, s in waited.items())
    )
    hops = [topics.INCIDENTS_P0, *(topics.dispatch(pillar, urgent=True) for pillar in PILLARS)]
    print(
        "  on the way: " + ", ".join(f"{hop.name} {(last_append(town, hop) - appended) * 1000:.0f} ms" for hop in hops)
    )
    assert max(waited.values()) <= within
    return waited


def last_append(town: Product, topic: Topic) -> float:
    """When the broker appended the last record of a topic, in seconds."""
    return max(record.append_ms for record in dump(town.broker.bootstrap_servers, topic.name)) / 1000


def forwarded(town: Product) -> int:
    """How many reports the gateway has put on the router's ordinary lane."""
    return sum(ends(town.broker.bootstrap_servers, topics.INCIDENTS.name).values())


def offers_to_watch(town: Product) -> dict[Pillar, Watch]:
    return {pillar: Watch(town.broker, topics.desks(pillar).name) for pillar in PILLARS}


def test_behind_a_backlog_of_reports_a_p0_is_offered_within_a_second(town: Product) -> None:
    town.publish(topics.INCIDENTS, backlog_of_reports())
    core = town.start_core(*PILLARS)
    wait_until("the backlog is being read", lambda: 0 < lag(core["router"], "incidents") < BACKLOG - 500)
    watches = offers_to_watch(town)
    place, event = report(URGENT, "urgent")
    town.send(place, event)
    offered_after(town, watches, place, within=1.0)
    assert lag(core["router"], "incidents") > BACKLOG / 10


def test_behind_a_backlog_at_both_its_desks_a_p0_is_offered_within_a_second(town: Product) -> None:
    flooded = {pillar: topics.dispatch(pillar, urgent=False) for pillar in PILLARS}
    for pillar, topic in flooded.items():
        town.publish(topic, backlog_of_tracks(pillar))
    core = town.start_core(*PILLARS)
    for pillar, topic in flooded.items():
        wait_until("the backlog is being read", lambda: 0 < lag(core[pillar], topic.name) < BACKLOG - 500)  # noqa: B023
    watches = offers_to_watch(town)
    place, event = report(URGENT, "urgent")
    town.send(place, event)
    offered_after(town, watches, place, within=1.0)
    assert min(lag(core[pillar], topic.name) for pillar, topic in flooded.items()) > BACKLOG / 10


def test_behind_a_partners_backlog_a_p0_is_offered_in_time_by_either_door(town: Product) -> None:
    doors = topics.partner(PARTNER)
    town.publish(doors.incidents, (partner_report(PLAIN, f"backlog-{number}") for number in range(BACKLOG)))
    town.start_core(*PILLARS)
    watches = offers_to_watch(town)
    town.publish(doors.incidents, [partner_report(URGENT, "urgent-at-the-end")])
    town.start("gateway-0", "services.intake", "gateway")
    offered_after(town, watches, doors.incidents, within=15.0)
    assert forwarded(town) < BACKLOG / 2
    watches = offers_to_watch(town)
    town.publish(doors.incidents_p0, [partner_report(URGENT, "urgent-on-its-lane")])
    offered_after(town, watches, doors.incidents_p0, within=1.0)
    assert forwarded(town) < BACKLOG
