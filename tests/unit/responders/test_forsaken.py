"""What a desk does with many that nobody there is able to take as yet: it looks at them once, and offers them to whoever has room first."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.rosters import ContactMethod, RosterEntry, Training
from schemas.words import Band, Presence
from services.responders.offering import DEEPEST_LOOK
from tests.desk_sim.arrivals import Track
from tests.desk_sim.desk import News, ShippedDesk
from tests.desk_sim.plan import DESK

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def somebody(name: str, level: int) -> RosterEntry:
    return RosterEntry(
        responder_id=name,
        desk_id=DESK,
        skills=("tech_account",),
        training={"tech_account": Training(level=level)},
        languages=("fr",),
        capacity=1,
        methods=(ContactMethod(kind="log"),),
    )


def phishing(number: int) -> Track:
    return Track(f"t-{number:03}", Band.P2, NOW, "phishing", (), "fr", timedelta(0))


def accepts(desk: ShippedDesk, told: list[News]) -> None:
    (offer,) = told
    desk.answers(offer, NOW, accepts=True)


@pytest.fixture
def desk() -> ShippedDesk:
    """The expert has left, more wait for one than are looked at in one go, and the beginner has something in hand."""
    desk = ShippedDesk()
    for entry in (somebody("beginner", level=2), somebody("expert", level=3)):
        desk.enter(entry, NOW)
    desk.presence("beginner", Presence.AVAILABLE, NOW)
    accepts(desk, desk.comes(phishing(0)))
    desk.presence("expert", Presence.AVAILABLE, NOW)
    accepts(desk, desk.comes(phishing(1)))
    for number in range(2, DEEPEST_LOOK + 3):
        assert desk.comes(phishing(number)) == []
    desk.presence("expert", Presence.AWAY, NOW)
    return desk


def test_a_desk_looks_once_at_what_waits_when_somebody_left_and_comes_to_rest(desk: ShippedDesk) -> None:
    for _ in range(5):
        desk.fire(NOW)
    due = desk.next_due()
    assert due is not None
    assert due > NOW


def test_room_is_filled_at_once_with_what_only_a_wider_search_gives_them(desk: ShippedDesk) -> None:
    desk.fire(NOW)
    assert [(one.what, one.who) for one in desk.works("done", "t-000", "beginner", NOW)] == [("offered", "beginner")]
