"""What nobody will be able to take is known before it happens: paged a week, a day and an hour ahead, and when it is there; once each."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.commands import Receipt
from schemas.gaps import GapRecord
from schemas.notices import NoticeIssued
from schemas.rota_commands import RotaPut
from schemas.rotas import Layer, Unit, Weekday, Window
from schemas.words import Band, Presence, Role
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import FOUR_PROMISES

DESK, LEAD = "psychological-fr", "duty-lead-psychological-fr"
HARASSED = "insult_harassment"
WEEK = tuple(Weekday)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def seat(*people: str, name: str = "first", **said: Any) -> Layer:
    """A seat that changes hands every day at midnight UTC; it is Friday, twenty to ten."""
    usual: dict[str, Any] = {"every": 1, "unit": Unit.DAYS, "hand_over_at": "00:00", "zone": "UTC"}
    return Layer(name=name, people=people, **(usual | {"starts_on": date(2026, 3, 20)} | said))


def staffed(town: Town, *names: str, **said: Any) -> Town:
    for pillar in ("technical", "legal"):
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    for name in names:
        town.responder(name, DESK, on_duty=False, **said)
    return town


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def until(town: Town, text: str) -> Town:
    return town.passes(seconds=(utc(text) - town.now).total_seconds())


def on_leave(town: Town, who: str, begins: str, ends: str) -> Town:
    """Somebody will not be there."""
    leave = {"leave_id": f"{who}-{begins}", "responder_id": who, "begins": utc(begins), "ends": utc(ends)}
    return town.plans(DESK, "rota_leave", leave_id=leave["leave_id"], leave=leave)


def told(town: Town) -> list[tuple[str, Band]]:
    """Of which gap pages so far, in which band: when and how urgent."""
    data = [event.data for topic, event in town.bus.events if topic == "notices"]
    return [(f"{one.at:%d %H:%M}", one.band) for one in data if isinstance(one, NoticeIssued) and one.gap is not None]


def the_gap(town: Town) -> GapRecord:
    (gap,) = town.gaps(DESK)
    return gap


def seen(town: Town) -> Town:
    """Whoever was paged about the gap has seen it."""
    page = the_gap(town).page_id
    assert page is not None
    return town.sees(DESK, page).expects_outcome("done").ignoring_what_was_told()


def receipt(town: Town, *, delivered: bool) -> Town:
    """The pager says how the latest notice about the gap went."""
    notice = [event.data for topic, event in town.bus.events if topic == "notices"][-1]
    assert isinstance(notice, NoticeIssued)
    about = {"issuer_key": DESK, "notice_id": notice.notice_id, "track_id": notice.track_id, "method": "webhook"}
    said = {"delivered": delivered, "delivered_at": town.now}
    command = Receipt.model_validate({**town._command(Actor(role=Role.SERVICE, id="pager")), **about, **said})
    return town._to_desk(DESK, "receipt", command)


# ----------------------------------------------------------------------------------------------------- pages in time
def test_a_gap_is_paged_a_week_a_day_and_an_hour_ahead_and_when_it_begins_once_each(town: Town) -> None:
    on_leave(staffed(town, "ann").rota(DESK, seat("ann")), "ann", "2026-03-31T12:00:00", "2026-04-01T12:00:00")
    assert (the_gap(town).begins, the_gap(town).ends) == (utc("2026-03-31T12:00:00"), utc("2026-04-01T12:00:00"))
    until(town, "2026-03-24T11:59:59").expects_silence()
    for instant in ("2026-03-24T12:00:00", "2026-03-30T12:00:00", "2026-03-31T11:00:00", "2026-03-31T12:00:00"):
        until(town, instant).expects_pages(LEAD)
        seen(town)
    until(town, "2026-04-02T00:00:00").expects_silence()
    assert told(town) == [("24 12:00", "P3"), ("30 12:00", "P2"), ("31 11:00", "P1"), ("31 12:00", "P1")]


def test_a_gap_found_late_is_paged_once_and_not_for_every_warning_that_is_past(town: Town) -> None:
    on_leave(staffed(town, "ann").rota(DESK, seat("ann")), "ann", "2026-03-21T12:00:00", "2026-03-21T18:00:00")
    town.expects_pages(LEAD)
    assert told(town) == [("20 21:40", "P2")]
    seen(town)


def test_a_gap_is_known_a_fortnight_ahead_and_not_sooner(town: Town) -> None:
    on_leave(staffed(town, "ann").rota(DESK, seat("ann")), "ann", "2026-04-04T00:00:00", "2026-04-05T00:00:00")
    assert town.gaps(DESK) == []
    until(town, "2026-03-22T00:00:00")
    assert the_gap(town).begins == utc("2026-04-04T00:00:00")


def test_a_gap_to_come_goes_on_to_the_sink_once_and_not_again_before_its_next_warning(town: Town) -> None:
    on_leave(staffed(town, "ann").rota(DESK, seat("ann")), "ann", "2026-03-31T12:00:00", "2026-04-01T12:00:00")
    until(town, "2026-03-24T12:00:00").expects_pages(LEAD)
    town.passes(minutes=119).expects_silence().everything_restarts().passes(minutes=1).expects_pages("sink")
    until(town, "2026-03-30T11:59:59").expects_silence()
    until(town, "2026-03-30T12:00:00").expects_pages(LEAD).passes(minutes=30).expects_pages("sink")
    until(town, "2026-03-31T10:59:59").expects_silence()
    until(town, "2026-03-31T11:00:00").expects_pages(LEAD).passes(minutes=5).expects_pages("sink")
    until(town, "2026-03-31T11:59:59").expects_silence()
    seen(town)


def test_a_gap_that_is_there_is_told_to_the_sink_again_and_again_until_somebody_has_seen_it(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat()).expects_pages(LEAD)
    town.passes(minutes=5).expects_pages("sink").everything_restarts().passes(minutes=5).expects_pages("sink")
    seen(town).passes(hours=24).expects_silence()
    assert the_gap(town).acknowledged_by is not None


def test_a_page_that_reached_nobody_stands_with_the_sink_at_once_and_the_sink_is_not_called_twice(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat()).expects_pages(LEAD)
    town.passes(seconds=10)
    receipt(town, delivered=False).expects_silence()  # the pager has told the sink itself
    assert (the_gap(town).recipient, the_gap(town).next_at) == ("post:sink", town.now + timedelta(minutes=5))
    town.everything_restarts().passes(minutes=4, seconds=59).expects_silence().passes(seconds=1).expects_pages("sink")
    seen(town)


def test_a_page_to_come_that_reached_nobody_is_not_told_to_the_sink_a_second_time(town: Town) -> None:
    on_leave(staffed(town, "ann").rota(DESK, seat("ann")), "ann", "2026-03-31T12:00:00", "2026-04-01T12:00:00")
    until(town, "2026-03-24T12:00:00").expects_pages(LEAD)
    receipt(town, delivered=False)
    until(town, "2026-03-30T11:59:59").expects_silence()


def test_when_a_page_was_delivered_is_recorded_once_and_it_still_has_to_be_seen(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat()).expects_pages(LEAD)
    at = town.passes(seconds=10).now
    for _ in range(2):
        receipt(town, delivered=True).passes(seconds=1)
    assert the_gap(town).delivered_at == at
    town.everything_restarts().passes(minutes=5).expects_pages("sink")
    seen(town)


def test_each_page_of_a_gap_has_a_receipt_of_its_own(town: Town) -> None:
    on_leave(staffed(town, "ann").rota(DESK, seat("ann")), "ann", "2026-03-31T12:00:00", "2026-04-01T12:00:00")
    until(town, "2026-03-24T12:00:00").expects_pages(LEAD)
    receipt(town, delivered=True)
    until(town, "2026-03-30T12:00:00").ignoring_what_was_told()
    assert the_gap(town).delivered_at is None


def test_a_receipt_changes_nothing_about_a_page_that_was_seen(town: Town) -> None:
    seen(staffed(town, "ann").rota(DESK, seat()).expects_pages(LEAD))
    before = the_gap(town)
    receipt(town, delivered=False)
    assert the_gap(town) == before


def test_a_gap_that_is_filled_is_gone_and_its_page_with_it(town: Town) -> None:
    on_leave(staffed(town, "ann", "bob").rota(DESK, seat("ann")), "ann", "2026-03-21T12:00:00", "2026-03-22T00:00:00")
    page = the_gap(town).page_id
    stand_in = {
        "layer": "first",
        "who": "bob",
        "begins": utc("2026-03-21T10:00:00"),
        "ends": utc("2026-03-22T00:00:00"),
    }
    town.plans(DESK, "rota_override", override_id="o", override={"override_id": "o", **stand_in})
    assert town.gaps(DESK) == []
    town.expects_pages(LEAD).passes(days=2).expects_silence()
    town.sees(DESK, page or "").expects_outcome("not_found")


def test_a_gap_that_is_filled_in_part_keeps_its_page_and_is_not_told_anew(town: Town) -> None:
    staffed(town, "ann").responder("bob", DESK, on_duty=False, languages=("fr",)).rota(DESK, seat("ann"))
    on_leave(town, "ann", "2026-03-21T12:00:00", "2026-03-22T00:00:00").expects_pages(LEAD)
    page, whole = the_gap(town).page_id, len(the_gap(town).cells)
    stand_in = {
        "layer": "first",
        "who": "bob",
        "begins": utc("2026-03-21T10:00:00"),
        "ends": utc("2026-03-22T00:00:00"),
    }
    town.plans(DESK, "rota_override", override_id="o", override={"override_id": "o", **stand_in}).expects_silence()
    assert the_gap(town).page_id == page
    assert {cell.split("/")[1] for cell in the_gap(town).cells} == {"en"}
    assert len(the_gap(town).cells) < whole
    seen(town)


def test_nothing_is_told_twice_after_a_restart(town: Town) -> None:
    on_leave(staffed(town, "ann").rota(DESK, seat("ann")), "ann", "2026-03-21T12:00:00", "2026-03-22T00:00:00")
    town.expects_pages(LEAD).everything_restarts()
    town.responder("bob", DESK, on_duty=False).passes(minutes=10).expects_silence()
    seen(town)


def test_a_desk_that_dies_between_its_rota_and_the_fortnight_ahead_looks_ahead_all_the_same(town: Town) -> None:
    staffed(town, "ann")._to_desk(
        DESK, "rota_put", RotaPut(**town._command(SUPERVISOR), desk_id=DESK, layers=(seat(),))
    )
    desks = next(one for one in town.bus.seats if one.wiring.group == "responders-psychological")
    town.bus._apply(desks, desks.machine.fire(town.now, 1), town.now)  # the rota alone: a step
    assert town.gaps(DESK) == []
    town.everything_restarts().expects_silence().passes().expects_pages(LEAD)
    seen(town)


# --------------------------------------------------------------------------------------- a gap is never shown as nothing
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"verified": False}, "no_verified_method"),
        ({"skills": ()}, "not_able"),
        ({"languages": ("fr",)}, "not_able"),
        ({"clearances": ()}, "not_able"),
        ({"training": {"psy_minors": {"expires_on": "2026-03-19"}}}, "not_able"),
    ],
)
def test_somebody_on_the_rota_who_cannot_take_it_is_a_gap_with_its_reason(
    town: Town, said: dict[str, Any], reason: str
) -> None:
    staffed(town, "ann", **said).rota(DESK, seat("ann")).expects_pages(LEAD)
    assert the_gap(town).reasons == (reason,)
    seen(town)


def test_somebody_on_the_rota_whom_no_roster_knows_is_a_gap(town: Town) -> None:
    staffed(town).rota(DESK, seat("ghost")).expects_pages(LEAD)
    assert the_gap(town).reasons == ("not_in_roster",)
    seen(town)


def test_the_night_that_no_seat_covers_is_a_gap_of_its_own_every_night(town: Town) -> None:
    by_day = seat("ann", windows=(Window(days=WEEK, begins="06:00", ends="22:00"),))
    staffed(town, "ann").rota(DESK, by_day).ignoring_what_was_told()
    first, second = town.gaps(DESK)[:2]
    assert (first.begins, first.ends) == (utc("2026-03-20T22:00:00"), utc("2026-03-21T06:00:00"))
    assert (second.begins, second.ends) == (utc("2026-03-21T22:00:00"), utc("2026-03-22T06:00:00"))
    assert len(town.gaps(DESK)) == 14
    for gap in town.gaps(DESK):
        if gap.page_id is not None:
            town.sees(DESK, gap.page_id)


def test_what_one_seat_leaves_open_another_one_covers(town: Town) -> None:
    day, night = Window(days=WEEK, begins="06:00", ends="22:00"), Window(days=WEEK, begins="22:00", ends="06:00")
    staffed(town, "ann", "bob").rota(DESK, seat("ann", windows=(day,)), seat("bob", name="night", windows=(night,)))
    assert town.gaps(DESK) == []


def test_a_skill_that_expires_next_week_is_a_gap_from_then_on(town: Town) -> None:
    staffed(town, "ann", training={"psy_minors": {"expires_on": "2026-03-30"}}).rota(DESK, seat("ann"))
    assert (the_gap(town).begins, {cell.split("/")[0] for cell in the_gap(town).cells}) == (
        utc("2026-03-31T00:00:00"),
        {"psy_minors"},
    )


def test_a_desk_covers_the_languages_of_its_region(town: Town) -> None:
    for region, languages in (("fr", {"fr", "en"}), ("be", {"fr", "nl", "de"})):
        town.rota(f"legal-{region}", seat()).ignoring_what_was_told()
        (gap,) = town.gaps(f"legal-{region}")
        assert {cell.split("/")[1] for cell in gap.cells} == languages
        town.sees(f"legal-{region}", gap.page_id or "")


# ------------------------------------------------------------------------------------------------------------------ now
def life(town: Town) -> Town:
    """A P0, accepted by the other pillars and offered to this desk."""
    town.reports(None, HARASSED, signals=["self_harm"], country="FR", language="fr")
    return town.ignoring_what_was_told()


def told_of_a_gap(town: Town) -> list[str]:
    """Who was paged about a gap since this was last asked."""
    return [one.recipient for one in town._new_notices() if one.gap is not None]


def test_when_the_last_who_could_take_a_p0_is_full_the_gap_is_there_at_once_and_until_somebody_has_room(
    town: Town,
) -> None:
    staffed(town, "ann", capacity=1).rota(DESK, seat("ann")).expects_silence()
    life(town).answers("accept", "ann", "psychological")
    gap = the_gap(town)
    assert (gap.live, gap.begins, gap.ends, gap.reasons, gap.band) == (True, town.now, None, ("no_room",), "P1")
    town.ignoring_what_was_told().works("done", "ann", "psychological", result="helped")
    assert town.gaps(DESK) == []
    town.ignoring_what_was_told()


def test_a_desk_that_stays_full_longer_than_anybody_is_asked_about_it_pages_its_duty_lead(town: Town) -> None:
    life(staffed(town, "ann", capacity=1).rota(DESK, seat("ann"))).answers("accept", "ann", "psychological")
    town.works("contacted", "ann", "psychological", result="spoke").passes(seconds=29)
    assert told_of_a_gap(town) == []
    assert told_of_a_gap(town.everything_restarts().passes(seconds=1)) == [f"post:{LEAD}"]
    seen(town).passes(minutes=10)
    assert told_of_a_gap(town) == []


def test_whoever_is_only_asked_about_too_much_pages_nobody(town: Town) -> None:
    life(staffed(town, "ann", capacity=1).rota(DESK, seat("ann")))
    assert the_gap(town).reasons == ("no_room",)
    town.passes(seconds=20).answers("decline", "ann", "psychological")
    assert town.gaps(DESK) == []
    assert told_of_a_gap(town.passes(minutes=10)) == []


def test_who_goes_away_with_their_hands_full_is_paged_about_at_once(town: Town) -> None:
    life(staffed(town, "ann", capacity=1).rota(DESK, seat("ann"))).answers("accept", "ann", "psychological")
    town.ignoring_what_was_told().presence("ann", DESK, Presence.AWAY)
    assert the_gap(town).reasons == ("away",)
    assert told_of_a_gap(town) == [f"post:{LEAD}"]


def test_when_whoever_is_on_shift_goes_away_nobody_thinks_that_it_is_covered(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat("ann")).presence("ann", DESK, Presence.AWAY).expects_pages(LEAD)
    assert the_gap(town).reasons == ("away",)
    town.presence("ann", DESK, Presence.AVAILABLE)
    assert town.gaps(DESK) == []


def test_a_silent_device_is_a_gap_and_its_next_beat_ends_it(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat("ann")).presence("ann", DESK, Presence.AVAILABLE, beats=30)
    town.passes(seconds=90).expects_pages(LEAD)
    assert the_gap(town).reasons == ("away",)
    assert town.beats("ann", DESK).gaps(DESK) == []


def test_what_the_rota_lacks_is_not_told_a_second_time_as_what_is_lacking_now(town: Town) -> None:
    staffed(town, "ann").responder("bob", DESK, on_duty=False, languages=("en",)).rota(DESK, seat("bob")).expects_pages(
        LEAD
    )
    seen(town)
    town.presence("bob", DESK, Presence.AWAY).expects_pages(LEAD)
    rota, now = sorted(town.gaps(DESK), key=lambda one: one.live)
    assert {cell.split("/")[1] for cell in rota.cells} == {"fr"}
    assert {cell.split("/")[1] for cell in now.cells} == {"en"}


def test_a_desk_without_a_rota_pages_nobody_about_it(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.AVAILABLE).presence("ann", DESK, Presence.AWAY)
    town.passes(days=1).expects_silence()
    assert town.gaps(DESK) == []


def test_two_weeks_of_a_good_rota_pass_in_silence(town: Town) -> None:
    staffed(town, "ann", "bob", "cy").rota(DESK, seat("ann", "bob", "cy"), seat("cy", "ann", "bob", name="second"))
    assert town.passes(weeks=2).expects_silence().gaps(DESK) == []
    assert timedelta(0) < town.desk("psychological").duty.looks[DESK].look_at - town.now <= timedelta(days=1)
