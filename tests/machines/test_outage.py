"""After six hours in which nothing ran, ten thousand promises are overdue: each is broken once, P0 first, with how late it was told."""

import json
from datetime import UTC, datetime, timedelta

from schemas.base import Actor
from schemas.clock_events import ClockSettled
from schemas.envelope import Event, encode
from schemas.words import Channel, Role
from services.router.machine import RouterMachine
from services.rules.admission import admit, event_of, report_of
from services.rules.machine import Message
from tests.shipped import CATALOGUE

START = datetime(2026, 3, 20, 21, 40, tzinfo=UTC)
BACK = START + timedelta(hours=6)
AGENT = Actor(role=Role.AGENT, id="agent-1")
CASES, EACH = 1_112, 9  # four acknowledgements, four first responses, the call that stops funds


def reported(machine: RouterMachine, number: int) -> None:
    """Stolen money, in one household each; in every 25th it is still leaving."""
    said: dict[str, object] = {"code": "bank_fraud", "country": "FR"}
    if number % 25 == 24:
        said["signals"] = ["money_leaving"]
    report = report_of(
        admit(json.dumps(said).encode(), sender=None, at=START, catalogue=machine.catalogue),
        source="urn:sameroof:intake",
        report_id=f"report-{number}",
        channel=Channel.AGENT,
        actor=AGENT,
        received_at=START,
    )
    lane, event = event_of(report, machine.catalogue)
    machine.handle(Message(lane.name, 0, number, b"key", *encode(event), START), START)


def test_each_overdue_deadline_fires_once_and_p0_first() -> None:
    machine = RouterMachine(CATALOGUE)
    for number in range(CASES):
        reported(machine, number)
    broken: list[ClockSettled] = []
    while (due := machine.next_due()) is not None and due <= BACK:
        for send in machine.fire(BACK, 100).sends:
            if isinstance(send.body, Event) and isinstance(send.body.data, ClockSettled):
                broken += [send.body.data]
    assert len(broken) == CASES * EACH > 10_000
    assert len({(one.track_id, one.milestone or one.kind) for one in broken}) == len(broken)
    assert len({one.page_id for one in broken}) == len(broken)
    assert [one.band for one in broken] == sorted(one.band for one in broken)
    assert all(one.lateness_seconds == (BACK - one.due).total_seconds() for one in broken)
