"""The desks compared with do what they are called."""

from datetime import timedelta

import pytest

from schemas.rosters import ContactMethod, RosterEntry
from schemas.words import Band, Presence
from tests.desk_sim.arrivals import Track
from tests.desk_sim.desk import News
from tests.desk_sim.plain import PlainDesk, most_urgent, oldest
from tests.desk_sim.plan import BEGIN, DESK

MINUTE = timedelta(minutes=1)


def somebody(name: str, capacity: int = 1) -> RosterEntry:
    return RosterEntry(
        responder_id=name,
        desk_id=DESK,
        skills=("tech_account",),
        languages=("fr",),
        capacity=capacity,
        methods=(ContactMethod(kind="log"),),
    )


def track(name: str, band: Band, minute: int = 0) -> Track:
    return Track(name, band, BEGIN + minute * MINUTE, "phishing", (), "fr", MINUTE)


def offered(told: list[News]) -> list[tuple[str, str]]:
    return [(one.track_id, one.who) for one in told if one.what == "offered"]


def busy(desk: PlainDesk) -> PlainDesk:
    """One person, who has something; a P3 waits, then a P0."""
    desk.enter(somebody("ann"), BEGIN)
    desk.presence("ann", Presence.AVAILABLE, BEGIN)
    (offer,) = desk.comes(track("first", Band.P2))
    desk.answers(offer, BEGIN, accepts=True)
    assert desk.comes(track("p3", Band.P3, 1)) == []
    assert desk.comes(track("p0", Band.P0, 2)) == []
    return desk


def test_first_come_is_first_served() -> None:
    assert offered(busy(PlainDesk(oldest)).works("done", "first", "ann", BEGIN + 3 * MINUTE)) == [("p3", "ann")]


def test_strict_priority_serves_what_is_most_urgent() -> None:
    assert offered(busy(PlainDesk(most_urgent)).works("done", "first", "ann", BEGIN + 3 * MINUTE)) == [("p0", "ann")]


@pytest.mark.parametrize(("longest_idle", "asked"), [(True, "ann"), (False, "bob")])
def test_the_longest_idle_is_asked_or_who_has_least_to_do(longest_idle: bool, asked: str) -> None:
    desk = PlainDesk(oldest, longest_idle=longest_idle)
    for minute, name in enumerate(("ann", "bob")):
        desk.enter(somebody(name, capacity=2), BEGIN + minute * MINUTE)
    desk.presence("ann", Presence.AVAILABLE, BEGIN)
    (offer,) = desk.comes(track("first", Band.P3))
    desk.answers(offer, BEGIN, accepts=True)
    desk.presence("bob", Presence.AVAILABLE, BEGIN)
    assert offered(desk.comes(track("second", Band.P3))) == [("second", asked)]


def test_an_offer_nobody_answers_goes_to_somebody_else() -> None:
    desk = PlainDesk(oldest)
    for name in ("ann", "bob"):
        desk.enter(somebody(name), BEGIN)
        desk.presence(name, Presence.AVAILABLE, BEGIN)
    assert offered(desk.comes(track("t", Band.P3))) == [("t", "ann")]
    due = desk.next_due()
    assert due is not None
    assert offered(desk.fire(due)) == [("t", "bob")]
