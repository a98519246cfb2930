"""Group workshops: one session, many tracks. Who may be in one, what it keeps of each promise, and that nothing else changes."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.commands import ResponderPut
from schemas.rosters import ContactMethod, RosterEntry
from schemas.workshops import WorkshopRecord
from tests.scenarios.roofs import holds, roof
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import ABLE, FOUR_PROMISES

DESK, PSY = "psychological-fr", "psychological"
CALLS = "malicious_calls"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Tracks with the four promises of every track, and no more."""
    return FOUR_PROMISES


@pytest.fixture
def town(town: Town) -> Town:
    """Ann has the tracks of the desk, Lea leads; every other desk has somebody for whatever comes."""
    for pillar in ("technical", "legal", "financial"):
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    return town.responder("ann", DESK, capacity=100).responder("lea", DESK, capacity=100, on_duty=False)


def victim(
    town: Town,
    name: str = "h1",
    *,
    owner: str | None = "ann",
    tier: str = "premium",
    code: str = CALLS,
    by_hand: bool = False,
    **said: Any,
) -> str:
    """Somebody's track at the desk: theirs from the start, unless nobody has it yet."""
    roof(town, name, holds("phone_harassment_mutual", tier=tier)).reports(name, code, **said)
    if by_hand:
        town.assigns(str(owner), PSY, reason="agreed").expects(PSY, "accepted", responder=owner)
    elif owner is not None:
        town.answers("accept", owner, PSY).expects(PSY, "accepted", responder=owner)
    town.ignoring_what_was_told()
    return town.track(PSY).track_id


def planned(town: Town, **said: Any) -> Town:
    """Lea leads a workshop of an hour and a half, two hours from now."""
    usual: dict[str, Any] = {"leader": "lea", "begins": town.now + timedelta(hours=2), "minutes": 90, "seats": 8}
    return town.workshop("plan", DESK, **(usual | said)).expects_outcome("done")


def invited(town: Town, *tracks: str) -> Town:
    return town.workshop("invite", DESK, tracks=tracks).expects_outcome("done")


def there(town: Town, name: str = "workshop") -> WorkshopRecord:
    return town.desk(PSY).workshops.workshops[name]


def became(town: Town) -> dict[str, str]:
    return {one.track_id: one.state.value for one in there(town).tracks}


def contacts(town: Town) -> list[tuple[str, str]]:
    """Which contacts the router was told of: by whom, how they ended."""
    told = [event.data for topic, event in town.bus.events if event.type.endswith("progress.v1.contacted")]
    return [(one.responder_id, one.result) for one in told]  # type: ignore[attr-defined]


def enters(town: Town, name: str, **said: Any) -> None:
    """A supervisor changes somebody's roster entry."""
    entry = RosterEntry(responder_id=name, desk_id=DESK, capacity=100, methods=(ContactMethod(kind="log"),), **said)
    town._to_desk(DESK, "responder_put", ResponderPut(**town._command(SUPERVISOR), desk_id=DESK, entry=entry))


# ------------------------------------------------------------------------------------------------------- what it keeps
def test_an_invitation_changes_no_clock_and_no_owner(town: Town) -> None:
    track = victim(town)
    before = town.track(PSY), town.desk(PSY).tracks[track]
    invited(planned(town), track).expects_silence()
    assert (town.track(PSY), town.desk(PSY).tracks[track]) == before
    assert became(town) == {track: "invited"}


def test_who_attended_was_spoken_with_when_the_session_began_and_stays_whose_they_are(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).passes(hours=4).ignoring_what_was_told()
    town.workshop("held", DESK, by="lea", attended=[track]).expects_outcome("done")
    town.expects(PSY, "active", responder="ann")
    (met,) = [one.data for one in town.facts("clock_met") if one.data.kind == "first_response"]  # type: ignore[attr-defined]
    assert met.stopped_at == there(town).begins  # type: ignore[attr-defined]
    held = town.desk(PSY).tracks[track]
    assert (held.owner, held.spoke_at) == ("ann", there(town).begins)
    assert contacts(town) == [("lea", "spoke")]
    assert (there(town).state, became(town)) == ("held", {track: "attended"})


def test_who_missed_it_was_not_reached_and_no_promise_is_kept(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).passes(hours=4).ignoring_what_was_told()
    town.workshop("held", DESK, by="lea", missed=[track]).expects_outcome("done")
    assert contacts(town) == [("lea", "no_answer")]
    assert town.clock(PSY, "first_response") is not None
    assert (town.track(PSY).attempts, became(town)) == (1, {track: "missed"})


def test_a_next_contact_that_was_promised_is_met_by_the_session(town: Town) -> None:
    track = victim(town)
    town.works("contacted", "ann", PSY, result="spoke").passes(hours=1)
    before = town.clock(PSY, "next_contact")
    invited(planned(town), track).passes(hours=4).ignoring_what_was_told()
    town.workshop("held", DESK, attended=[track])
    after = town.clock(PSY, "next_contact")
    assert before is not None
    assert after is not None
    assert (before.started_at < after.started_at) is (after.started_at == there(town).begins)


def test_it_is_told_once_however_often_and_late_it_is_said(town: Town) -> None:
    first, second = victim(town), victim(town, "h2")
    invited(planned(town), first, second).passes(hours=6).ignoring_what_was_told()
    said: dict[str, Any] = {"attended": [first], "missed": [second], "command_id": "once"}
    town.workshop("held", DESK, **said).expects_outcome("done")
    town.everything_restarts().workshop("held", DESK, **said).expects_outcome("repeated")
    town.workshop("held", DESK, attended=[first, second]).expects_outcome("wrong_state")
    town.workshop("cancel", DESK, reason="ill").expects_outcome("wrong_state")
    assert contacts(town) == [("lea", "spoke"), ("lea", "no_answer")]
    assert became(town) == {first: "attended", second: "missed"}


def test_what_was_said_since_is_not_told_back_in_time(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).passes(hours=3).works("contacted", "ann", PSY, result="spoke")
    town.works("wait", "ann", PSY, result="victim").ignoring_what_was_told()
    town.workshop("held", DESK, missed=[track]).expects_outcome("done").expects(PSY, "waiting_victim", responder="ann")
    assert (contacts(town), became(town)) == ([("ann", "spoke")], {track: "missed"})


def test_nothing_is_said_before_it_has_begun_nor_of_who_was_not_invited(town: Town) -> None:
    track, other = victim(town), victim(town, "h2")
    invited(planned(town), track)
    town.workshop("held", DESK, attended=[track]).expects_outcome("wrong_state").passes(hours=2)
    town.ignoring_what_was_told().workshop("held", DESK, attended=[track, other]).expects_outcome("not_found")
    assert (there(town).state, contacts(town)) == ("planned", [])


def test_of_whom_nothing_is_said_the_router_is_told_nothing(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).passes(hours=2).ignoring_what_was_told()
    town.workshop("held", DESK).expects_outcome("done")
    assert (contacts(town), became(town)) == ([], {track: "left"})


# ---------------------------------------------------------------------------------------------------- who may be there
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"tier": "comfort"}, "not_eligible"),
        ({"owner": None}, "wrong_state"),
        ({"covert": True}, "not_eligible"),
        ({"drill": True}, "not_eligible"),
    ],
)
def test_only_what_somebody_has_and_holds_it_and_may_be_known_of_is_invited(
    town: Town, said: dict[str, Any], why: str
) -> None:
    track = victim(town, **said)
    planned(town).workshop("invite", DESK, tracks=[track]).expects_outcome(why)
    assert became(town) == {}


def test_what_is_not_of_the_desk_or_has_ended_is_not_found(town: Town) -> None:
    track = victim(town)
    legal = town.track("legal").track_id
    planned(town).works("done", "ann", PSY)
    for one in (legal, track, "nothing"):
        town.workshop("invite", DESK, tracks=[one]).expects_outcome("not_found")


def test_full_is_full_and_nobody_is_invited_when_one_of_them_cannot_be(town: Town) -> None:
    tracks = [victim(town, name) for name in ("h1", "h2", "h3")]
    planned(town, seats=2).workshop("invite", DESK, tracks=tracks).expects_outcome("wrong_state")
    assert became(town) == {}
    invited(town, *tracks[:2], tracks[0])
    town.workshop("invite", DESK, tracks=tracks[2:]).expects_outcome("wrong_state")
    town.workshop("remove", DESK, tracks=tracks[:1]).expects_outcome("done")
    assert became(invited(town, tracks[2])) == {tracks[1]: "invited", tracks[2]: "invited"}


def test_the_leader_is_able_to_serve_everybody_and_knows_nobody(town: Town) -> None:
    track = victim(town, signals=["minor"])
    planned(town)
    for lacking in ({"clearances": ()}, {"languages": ("nl",)}, {"skills": ()}):
        enters(town, "lea", **(ABLE | lacking))
        town.workshop("invite", DESK, tracks=[track]).expects_outcome("not_eligible")
    enters(town, "lea", **ABLE, household_id=town.case().household_id)
    town.workshop("invite", DESK, tracks=[track]).expects_outcome("not_eligible")
    enters(town, "lea", **ABLE)
    invited(town, track)


def test_whom_the_leader_declares_to_know_leaves(town: Town) -> None:
    track = victim(town)
    town.assigns("lea", PSY, reason="agreed").ignoring_what_was_told()
    invited(planned(town), track).works("conflict", "lea", PSY).ignoring_what_was_told()
    assert became(town) == {track: "left"}
    town.workshop("invite", DESK, tracks=[track]).expects_outcome("not_eligible")


def test_whom_the_leader_comes_to_know_or_can_serve_no_more_leaves(town: Town) -> None:
    theirs = victim(town)
    other = victim(town.passes(minutes=1), code="doxxing", owner="lea", by_hand=True)
    child = victim(town, "h2", signals=["minor"])
    invited(planned(town), theirs, child)
    enters(town, "lea", **(ABLE | {"clearances": ("restricted",)}))
    assert became(town) == {theirs: "invited", child: "left"}
    town.about(town.cases()[1]).works("conflict", "lea", PSY).ignoring_what_was_told()
    assert (became(town), other in became(town)) == ({theirs: "left", child: "left"}, False)


def both_sides(town: Town) -> tuple[str, str]:
    """Somebody says that two cases are on opposite sides before anybody has them; then one is Ann's, the other Bob's."""
    town.responder("bob", DESK, capacity=100)
    victim(town, owner=None)
    one = town.case()
    victim(town.passes(minutes=1), owner=None, code="doxxing")
    said = {
        "other_case_id": one.case_id,
        "other_household_id": one.household_id,
        "kind": "opposite_sides",
        "reason": "told",
    }
    town.asks("link", **said).expects_outcome("done")
    town.assigns("bob", PSY, reason="agreed").expects_outcome("done")
    his = town.track(PSY).track_id
    town.about(one).assigns("ann", PSY, reason="agreed").expects_outcome("done").ignoring_what_was_told()
    return town.track(PSY).track_id, his


def test_two_sides_of_a_household_never_sit_in_one_room_nor_have_one_leader(town: Town) -> None:
    hers, his = both_sides(town)
    planned(town).workshop("invite", DESK, tracks=[hers, his]).expects_outcome("opposite_sides")
    invited(town, hers).workshop("invite", DESK, tracks=[his]).expects_outcome("opposite_sides")
    town.workshop("invite", DESK, by="bob", tracks=[his]).expects_outcome("not_eligible")
    planned(town, name="later", begins=town.now + timedelta(hours=5))
    town.workshop("invite", DESK, name="later", tracks=[his]).expects_outcome("opposite_sides")
    town.about(town.cases()[1]).assigns("lea", PSY, reason="agreed").expects_outcome("opposite_sides")
    assert became(town) == {hers: "invited"}


@pytest.mark.parametrize(("ends", "then"), [("held", "opposite_sides"), ("cancelled", "done")])
def test_who_has_met_one_side_is_never_given_the_other(town: Town, ends: str, then: str) -> None:
    hers, _ = both_sides(town)
    invited(planned(town), hers).passes(hours=2).ignoring_what_was_told()
    if ends == "held":
        town.workshop("held", DESK, attended=[hers]).expects_outcome("done")
    else:
        town.workshop("cancel", DESK, reason="ill").expects_outcome("done")
    town.everything_restarts().about(town.cases()[1]).assigns("lea", PSY, reason="agreed").expects_outcome(then)


# ------------------------------------------------------------------------------------------------------- who leaves it
def test_what_ends_leaves_by_itself_and_its_seat_is_free(town: Town) -> None:
    track = victim(town)
    invited(planned(town, seats=1), track).works("done", "ann", PSY)
    assert became(town) == {track: "left"}
    other = victim(town, "h2")
    assert became(invited(town, other)) == {track: "left", other: "invited"}


@pytest.mark.parametrize("signals", [[], ["self_harm"]])
def test_what_goes_to_another_desk_leaves_by_itself(town: Town, signals: list[str]) -> None:
    town.responder("r-be", "psychological-be", on_duty=False)
    track = victim(town, signals=signals)
    invited(planned(town), track)
    town.asks("reroute", pillar=PSY, region="be", reason="storm").expects_outcome("done").ignoring_what_was_told()
    assert became(town.passes(minutes=1)) == {track: "left"}
    town.ignoring_what_was_told()


def test_what_is_withdrawn_leaves_by_itself(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).asks("close", reason="moved_away", safety_checked=True).ignoring_what_was_told()
    assert became(town) == {track: "left"}


def test_who_comes_to_be_on_the_other_side_of_somebody_in_the_room_leaves(town: Town) -> None:
    first = victim(town)
    one = town.case()
    second = victim(town.passes(minutes=1), code="doxxing")
    invited(planned(town), first, second).works("handover", "ann", PSY)
    said = {"other_case_id": one.case_id, "other_household_id": one.household_id, "kind": "opposite_sides"}
    town.asks("link", reason="told", **said).expects_outcome("done").ignoring_what_was_told()
    assert became(town) == {first: "left", second: "invited"}  # the first of whom its desk hears so


def test_what_is_given_back_stays_and_is_whose_it_is_then(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).responder("bob", DESK).works("handover", "ann", PSY)
    town.answers("accept", "bob", PSY).expects(PSY, "accepted", responder="bob").passes(hours=2)
    town.ignoring_what_was_told().workshop("held", DESK, attended=[track]).expects_outcome("done")
    town.expects(PSY, "active", responder="bob")


def test_nobody_is_told_of_a_contact_with_what_nobody_has(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).works("handover", "ann", PSY).passes(hours=2)
    town.ignoring_what_was_told().workshop("held", DESK, attended=[track]).expects_outcome("done")
    assert (contacts(town), became(town)) == ([], {track: "attended"})


# ---------------------------------------------------------------------------------------------------------- its leader
def test_the_leader_is_reminded_an_hour_before_and_once(town: Town) -> None:
    planned(town).passes(minutes=59, seconds=59).expects_silence().passes(seconds=1).expects_reminders("lea")
    town.everything_restarts().passes(hours=3).expects_silence()


def test_nobody_is_reminded_of_what_was_cancelled_or_has_begun_meanwhile(town: Town) -> None:
    planned(town).workshop("cancel", DESK, by="lea", reason="leader_ill").expects_outcome("done").passes(hours=3)
    assert (there(town).state, there(town).reason) == ("cancelled", "leader_ill")
    town.workshop("plan", DESK, name="next", leader="lea", begins=town.now + timedelta(hours=2), minutes=60, seats=2)
    town.sleeps(hours=2).expects_silence()


def test_during_the_session_its_leader_is_asked_about_nothing_but_a_p0(town: Town) -> None:
    planned(town, leader="ann").passes(hours=2).ignoring_what_was_told().everything_restarts()
    waiting = victim(town, owner=None)
    assert town.desk(PSY).tracks[waiting].offers == ()
    urgent = victim(town, "h2", owner=None, signals=["self_harm"])
    assert [one.responder_id for one in town.desk(PSY).tracks[urgent].offers] == ["ann"]
    town.passes(minutes=90).ignoring_what_was_told()
    assert [one.responder_id for one in town.desk(PSY).tracks[waiting].offers] == ["ann"]


def test_a_leader_is_of_the_desk_and_in_one_session_at_a_time(town: Town) -> None:
    planned(town)
    begins = there(town).begins
    usual: dict[str, Any] = {"name": "other", "leader": "lea", "minutes": 60, "seats": 2}
    town.workshop("plan", DESK, **usual, begins=begins + timedelta(minutes=89)).expects_outcome("not_eligible")
    town.workshop("plan", DESK, **usual | {"leader": "r-legal"}, begins=begins).expects_outcome("not_found")
    town.workshop("plan", DESK, **usual, begins=begins + timedelta(minutes=90)).expects_outcome("done")


@pytest.mark.parametrize("said", [{"seats": 13}, {"minutes": 181}, {"begins": None}])
def test_a_workshop_is_as_large_and_as_long_as_the_catalogue_says_and_to_come(town: Town, said: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"leader": "lea", "begins": town.now + timedelta(hours=1), "minutes": 180, "seats": 12}
    if "begins" in said:
        said = {"begins": town.now}
    town.workshop("plan", DESK, **(usual | said)).expects_outcome("wrong_state")
    town.workshop("plan", DESK, **usual, dry_run=True).expects_outcome("done")
    assert town.desk(PSY).workshops.workshops == {}


# --------------------------------------------------------------------------------------------------------- who may what
def test_responders_do_what_is_theirs_to_do(town: Town) -> None:
    track = victim(town)
    town.responder("bob", DESK, on_duty=False)
    usual: dict[str, Any] = {"begins": town.now + timedelta(hours=2), "minutes": 60, "seats": 2}
    town.workshop("plan", DESK, by="bob", leader="lea", **usual).expects_outcome("not_yours")
    town.workshop("plan", DESK, by="lea", leader="lea", **usual).expects_outcome("done")
    town.workshop("invite", DESK, by="lea", tracks=[track]).expects_outcome("not_yours")
    town.workshop("invite", DESK, by="ann", tracks=[track]).expects_outcome("done")
    for verb, said in (("remove", {"tracks": [track]}), ("cancel", {"reason": "no"}), ("held", {"attended": [track]})):
        town.workshop(verb, DESK, by="bob", **said).expects_outcome("not_yours")
    town.workshop("remove", DESK, by="lea", tracks=[track]).expects_outcome("done")
    assert became(town) == {}


def test_a_change_by_who_saw_an_older_version_is_refused(town: Town) -> None:
    track = victim(town)
    invited(planned(town), track).workshop("cancel", DESK, reason="no", expected_version=1)
    town.expects_outcome("stale_version").workshop("cancel", DESK, reason="no", expected_version=2)
    town.expects_outcome("done").workshop("cancel", "psychological-be", reason="no").expects_outcome("not_found")


def test_nobody_joins_once_it_has_begun(town: Town) -> None:
    track = victim(town)
    planned(town).passes(hours=2).ignoring_what_was_told()
    town.workshop("invite", DESK, tracks=[track]).expects_outcome("wrong_state")


def test_it_is_kept_ninety_days_and_forgotten(town: Town) -> None:
    begins = there(planned(town)).begins
    town.passes(days=90).ignoring_what_was_told()
    assert there(town.everything_restarts()).begins == begins
    town.passes(hours=3)
    assert town.desk(PSY).workshops.workshops == {}
