"""What a desk does with many that nobody there is able to take as yet: it looks at them once, and offers them to whoever has room first."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.rosters import ContactMethod, RosterEntry, Training
from schemas.words import Band, Presence
from services.responders.machine import DesksMachine
from services.responders.offering import DEEPEST_LOOK
from tests.desk_sim.arrivals import Track
from tests.desk_sim.desk import PILLAR, News, ShippedDesk
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


def restarted(desk: ShippedDesk) -> None:
    """The desk dies and comes back from what it saved."""
    before, fresh = desk.machine.partition, DesksMachine(PILLAR, desk.catalogue)
    for track_id, track in before.tracks.items():
        fresh.restore(before.changelog.name, f"track/{track_id}", track.model_dump_json().encode())
    for who, record in before.crowd.responders.items():
        fresh.restore(before.changelog.name, f"responder/{who}", record.model_dump_json().encode())
    desk.machine = fresh


@pytest.mark.parametrize("restarts", [False, True])
def test_what_nobody_is_left_for_is_told_although_the_desk_restarts_in_the_middle(
    desk: ShippedDesk, *, restarts: bool
) -> None:
    later = NOW + timedelta(hours=4)
    for _ in range(5):
        desk.fire(later)  # as wide as a search gets
    desk.presence("beginner", Presence.AWAY, later)
    if restarts:
        restarted(desk)
    for _ in range(5):
        desk.fire(later)
    waiting = [one for one in desk.machine.partition.tracks.values() if one.owner is None]
    assert len(waiting) > DEEPEST_LOOK
    assert all(one.exhausted for one in waiting)


def test_what_somebody_has_borne_enough_of_never_hides_what_they_may_take() -> None:
    desk = ShippedDesk()
    able = {"skills": ("tech_takedown", "tech_account"), "training": {}, "capacity": 6}
    desk.enter(somebody("a", level=3).model_copy(update=able), NOW)
    desk.presence("a", Presence.AVAILABLE, NOW)
    hard = [Track(f"h-{n:03}", Band.P1, NOW, "sextortion", (), "fr", timedelta(0)) for n in range(DEEPEST_LOOK + 5)]
    for number, one in enumerate(hard):
        told = desk.comes(one)
        if number < 3:
            accepts(desk, told)
    assert desk.comes(phishing(0)) == []  # no room
    told = [news for one in hard[:3] for news in desk.works("done", one.track_id, "a", NOW)]
    assert [one.track_id for one in told] == ["t-000"]
