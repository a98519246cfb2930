"""How somebody who is asked is told: by their own rules, again until they know or answer, never over what is not proved to be theirs."""

from datetime import datetime
from typing import Any

import pytest

from schemas import topics
from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.commands import (
    DrillStart,
    MethodVerified,
    MethodVerify,
    NoticeSeen,
    PresenceSet,
    Receipt,
    ResponderPut,
)
from schemas.desk_records import Asking, ResponderRecord
from schemas.notices import NoticeIssued
from schemas.rosters import ContactMethod, ReachRule, RosterEntry, RosterPersonal
from schemas.rota_commands import Beat, RotaPut
from schemas.rotas import Layer
from schemas.words import Band, NoticeKind, Pillar, Presence, Role
from services.responders.drills import KEPT
from services.rules.ids import notice_id
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import ABLE, FOUR_PROMISES

DESK = "psychological-fr"
HARASSED = "insult_harassment"
TWO = (ContactMethod(kind="log"), ContactMethod(kind="log"))
HOOK = ContactMethod(kind="webhook")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def enters(town: Town, name: str, *methods: ContactMethod, on_duty: bool = True, **said: Any) -> Town:
    """A supervisor puts somebody into the roster of the psychologists, to be reached in these ways."""
    for pillar in ("technical", "legal"):
        if f"r-{pillar}" not in town.desk(pillar).crowd.responders:
            town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    entry = RosterEntry(responder_id=name, desk_id=DESK, methods=methods, **(ABLE | {"capacity": 100} | said))
    put = ResponderPut(**town._command(SUPERVISOR), desk_id=DESK, entry=entry)
    town._to_desk(DESK, "responder_put", put)
    return town.presence(name, DESK, Presence.AVAILABLE) if on_duty else town


def p2(town: Town) -> Town:
    """A P2 whose offers last 15 minutes."""
    return town.reports(None, HARASSED, country="FR")


def rung(town: Town) -> list[tuple[str, int]]:
    """Who was rung about the psychological track since the last look, and by which place of their own order."""
    new = town._new_notices()
    return [(one.recipient, one.method_rank) for one in new if one.pillar is Pillar.PSYCHOLOGICAL]


def asking(town: Town, who: str) -> Asking:
    """The offer somebody holds."""
    track = town.desk("psychological").tracks[town.track("psychological").track_id]
    return next(one for one in track.offers if one.responder_id == who)


def receipt(town: Town, who: str, *, delivered: bool) -> Town:
    """The pager says what became of the latest notice of somebody's offer."""
    held = asking(town, who)
    said = {
        "answer": False,
        "issuer_key": DESK,
        "notice_id": notice_id(held.offer_id, who, held.attempt),
        "track_id": town.track("psychological").track_id,
        "delivered": delivered,
        "method": "webhook" if delivered else "none",
        "delivered_at": town.now,
    }
    command = Receipt.model_validate({**town._command(Actor(role=Role.SERVICE, id="pager")), **said})
    return to_desk(town, "receipt", command)


def to_desk(town: Town, verb: str, command: Any) -> Town:
    town._send(topics.desk_commands(Pillar.PSYCHOLOGICAL), DESK, verb, command)
    return town


def sees(town: Town, who: str, offer_id: str, notice: str = "n") -> Town:
    """Somebody says that they have seen an offer."""
    said = {"desk_id": DESK, "responder_id": who, "notice_id": notice, "offer_id": offer_id}
    said |= {"track_id": town.track("psychological").track_id}
    seen = NoticeSeen.model_validate({**town._command(Actor(role=Role.RESPONDER, id=who)), **said})
    return to_desk(town, "seen", seen)


def record(town: Town, who: str) -> ResponderRecord:
    return town.desk("psychological").crowd.responders[who]


# ------------------------------------------------------------------------------------------------ again, until they know
def test_the_first_method_at_once_and_the_next_after_its_share_of_the_offers_time(town: Town) -> None:
    p2(enters(town, "a", *TWO))
    assert rung(town) == [("a", 0)]
    assert rung(town.passes(minutes=7, seconds=29)) == []
    assert rung(town.passes(seconds=1)) == [("a", 1)]
    assert rung(town.passes(minutes=7, seconds=29)) == []


def test_by_their_own_rules_each_band_has_its_methods_delays_and_repetitions(town: Town) -> None:
    rules = (
        ReachRule(band=Band.P2, method=1, times=2, repeat_seconds=60),
        ReachRule(band=Band.P2, method=0, after_seconds=90),
        ReachRule(band=Band.P1, method=0),
    )
    p2(enters(town, "a", *TWO, reach=rules))
    assert rung(town) == [
        ("a", 0)
    ]  # the pager finds the method: the first of their order is the second of their methods
    assert rung(town.passes(seconds=60)) == [("a", 1)]
    assert rung(town.passes(seconds=29)) == []
    assert rung(town.passes(seconds=1)) == [("a", 2)]
    assert rung(town.passes(minutes=13)) == []


@pytest.mark.parametrize("said", ["accept", "decline"])
def test_who_answered_is_not_rung_again(town: Town, said: str) -> None:
    p2(enters(town, "a", *TWO)).ignoring_what_was_told()
    town.answers(said, "a", "psychological").ignoring_what_was_told()
    town.passes(minutes=14)
    assert rung(town) == []


def test_who_has_seen_it_is_not_rung_again_and_still_has_to_answer(town: Town) -> None:
    p2(enters(town, "a", *TWO)).ignoring_what_was_told()
    sees(town, "a", asking(town, "a").offer_id).expects_outcome("done")
    assert rung(town.passes(minutes=14, seconds=59)) == []
    town.answers("accept", "a", "psychological").expects("psychological", "accepted", responder="a")


def test_seen_is_said_of_ones_own_offer_while_it_is_open_and_counts_once(town: Town) -> None:
    p2(enters(town, "a", *TWO)).ignoring_what_was_told()
    offer = asking(town, "a").offer_id
    sees(town, "b", offer).expects_outcome("not_yours")
    sees(town, "a", offer)
    first = asking(town, "a").seen_at
    sees(town.passes(seconds=5), "a", offer).expects_outcome("done")
    assert asking(town, "a").seen_at == first
    town.answers("decline", "a", "psychological")
    sees(town, "a", offer).expects_outcome("offer_over")
    town.ignoring_what_was_told()


def test_attempts_that_an_outage_swallowed_are_not_made_up_for_one_by_one(town: Town) -> None:
    p2(enters(town, "a", *TWO, *TWO)).ignoring_what_was_told()
    town.sleeps(minutes=8)
    assert rung(town) == [("a", 2)]
    assert rung(town.passes(minutes=3, seconds=15)) == [("a", 3)]


# --------------------------------------------------------------------------------------------- who cannot be reached
def test_a_method_that_fails_is_followed_by_the_next_one_at_once(town: Town) -> None:
    p2(enters(town, "a", *TWO)).ignoring_what_was_told()
    assert rung(receipt(town, "a", delivered=False)) == [("a", 1)]
    assert rung(town.passes(minutes=14)) == []


def test_a_receipt_is_kept_and_one_attempt_that_came_through_is_enough(town: Town) -> None:
    enters(town, "a", *TWO)
    p2(enters(town.passes(seconds=1), "b", ContactMethod(kind="log"))).ignoring_what_was_told()
    receipt(town, "a", delivered=True)
    assert asking(town, "a").told_at == town.now
    assert rung(town.passes(minutes=7, seconds=30)) == [("a", 1)]
    assert rung(receipt(town, "a", delivered=False)) == []


# ------------------------------------------------------------------------------------------------ proved to be theirs
def verifies(town: Town, who: str, method: int, said: dict[str, Any] | None = None) -> Town:
    common = town._command(Actor(role=Role.RESPONDER, id=who))
    if said is None:
        command: Any = MethodVerify(**common, desk_id=DESK, responder_id=who, method=method)
        return to_desk(town, "verify_method", command)
    command = MethodVerified(**common, desk_id=DESK, responder_id=who, method=method, **said)
    return to_desk(town, "method_verified", command)


def hook(address: str) -> dict[str, Any]:
    return {"personal": RosterPersonal(addresses=(address,))}


def told(town: Town, kind: NoticeKind) -> list[NoticeIssued]:
    """What was sent since the last look to try somebody's contact methods."""
    new = town._new_notices()
    assert {one.kind for one in new} <= {kind}
    return new


def proved(town: Town, who: str = "a", method: int = 0) -> Town:
    """Somebody verifies a method."""
    verifies(town, who, method).expects_outcome("done")
    (sent,) = told(town, NoticeKind.VERIFICATION)
    assert (sent.recipient, sent.method, sent.attempt) == (who, method, 1)
    return verifies(town, who, method, {"notice_id": sent.notice_id})


def test_what_a_supervisor_enters_is_not_verified_and_nobody_goes_on_duty_with_that_alone(town: Town) -> None:
    enters(town, "a", HOOK, on_duty=False, **hook("https://a.example"))
    assert not record(town, "a").entry.methods[0].verified
    town.presence("a", DESK, Presence.AVAILABLE).expects_outcome("not_eligible")
    proved(town).expects_outcome("done")
    town.presence("a", DESK, Presence.AVAILABLE).expects_outcome("done")
    assert rung(p2(town)) == [("a", 0)]


def test_who_loses_the_last_verified_method_is_on_duty_no_more(town: Town) -> None:
    enters(town, "a", HOOK, on_duty=False, **hook("https://a.example"))
    proved(town).presence("a", DESK, Presence.AVAILABLE).expects_outcome("done")
    enters(town, "a", HOOK, on_duty=False, **hook("https://a.example"))
    assert (record(town, "a").entry.methods[0].verified, record(town, "a").presence) == (True, Presence.AVAILABLE)
    enters(town, "a", HOOK, on_duty=False, **hook("https://somebody-else.example"))
    assert (record(town, "a").entry.methods[0].verified, record(town, "a").presence) == (False, Presence.AWAY)


def test_a_code_is_for_one_method_and_one_address_and_15_minutes(town: Town) -> None:
    enters(town, "a", HOOK, on_duty=False, **hook("https://a.example"))
    verifies(town, "a", 0)
    (sent,) = told(town, NoticeKind.VERIFICATION)
    verifies(town, "a", 0, {"notice_id": "another"}).expects_outcome("wrong_state")
    verifies(town.passes(minutes=15, seconds=1), "a", 0, {"notice_id": sent.notice_id}).expects_outcome("wrong_state")
    verifies(town, "a", 0)
    (again,) = told(town, NoticeKind.VERIFICATION)
    assert again.notice_id != sent.notice_id
    enters(town, "a", HOOK, on_duty=False, **hook("https://moved.example"))
    verifies(town, "a", 0, {"notice_id": again.notice_id}).expects_outcome("wrong_state")
    assert not record(town, "a").entry.methods[0].verified


def test_asked_twice_in_a_row_one_code_is_sent(town: Town) -> None:
    enters(town, "a", HOOK, on_duty=False, **hook("https://a.example"))
    verifies(verifies(town, "a", 0).passes(seconds=29), "a", 0).expects_outcome("done")
    assert len(told(town, NoticeKind.VERIFICATION)) == 1
    verifies(town.passes(seconds=1), "a", 0)
    assert len(told(town, NoticeKind.VERIFICATION)) == 1


@pytest.mark.parametrize(("method", "outcome"), [(0, "wrong_state"), (1, "not_found")])
def test_there_is_nothing_to_prove_of_a_log_line_or_of_what_is_not_there(town: Town, method: int, outcome: str) -> None:
    verifies(enters(town, "a", ContactMethod(kind="log")), "a", method).expects_outcome(outcome)


# -------------------------------------------------------------------------------------------------------------- drills
def drills(town: Town, drill_id: str, who: str | None = None) -> Town:
    command = DrillStart(**town._command(SUPERVISOR), desk_id=DESK, drill_id=drill_id, responder_id=who)
    return to_desk(town, "drill", command).passes(seconds=0)


def ways(town: Town, drill_id: str) -> dict[str, list[tuple[int, datetime | None, datetime | None]]]:
    """Of each responder: method, told, answered."""
    rows = town.desk("psychological").drills.rows.values()
    found = [row for row in rows if row.drill_id == drill_id]
    return {row.responder_id: [(way.method, way.told_at, way.answered_at) for way in row.ways] for row in found}


def test_a_drill_tries_every_verified_method_and_keeps_who_answered(town: Town) -> None:
    enters(town, "a", *TWO)
    enters(town, "b", ContactMethod(kind="log"), HOOK, on_duty=False, **hook("log"))
    enters(town, "c", HOOK, on_duty=False, **hook("https://c.example"))
    sent = told(drills(town, "d"), NoticeKind.DRILL)
    assert [(one.recipient, one.method) for one in sent] == [("a", 0), ("a", 1), ("b", 0)]
    answers(town.passes(seconds=3), sent[1]).expects_outcome("done")
    at = town.now
    assert ways(town, "d") == {"a": [(0, None, None), (1, None, at)], "b": [(0, None, None)], "c": []}
    assert town.desk("psychological").drills.drills["d"].rung
    town.passes(hours=1).expects_silence()  # it pages nobody, whoever did not answer


def answers(town: Town, notice: NoticeIssued, who: str | None = None) -> Town:
    by = who or notice.recipient
    said: dict[str, Any] = {"desk_id": DESK, "responder_id": by, "notice_id": notice.notice_id}
    said |= {"track_id": notice.track_id, "method": notice.method}
    seen = NoticeSeen.model_validate({**town._command(Actor(role=Role.RESPONDER, id=by)), **said})
    return to_desk(town, "seen", seen)


def test_nobody_answers_a_drill_for_somebody_else(town: Town) -> None:
    enters(town, "a", ContactMethod(kind="log"))
    (sent,) = told(drills(town, "d", "a"), NoticeKind.DRILL)
    answers(town, sent, who="b").expects_outcome("not_found")
    assert ways(town, "d") == {"a": [(0, None, None)]}


def test_a_drill_of_one_responder_rings_nobody_else_and_of_a_stranger_nobody(town: Town) -> None:
    enters(town, "a", ContactMethod(kind="log"))
    enters(town, "b", ContactMethod(kind="log"))
    assert [one.recipient for one in told(drills(town, "d", "b"), NoticeKind.DRILL)] == ["b"]
    drills(town, "e", "stranger").expects_outcome("not_found")


def test_a_large_desk_is_drilled_some_at_a_time_and_nobody_is_left_out(town: Town) -> None:
    for number in range(120):
        enters(town, f"r{number:03}", ContactMethod(kind="log"), on_duty=False)
    drills(town, "d")
    assert len(told(town, NoticeKind.DRILL)) == len(ways(town, "d")) == 120


def test_receipts_of_a_drill_are_kept_beside_the_answers_and_all_of_it_for_90_days(town: Town) -> None:
    enters(town, "a", ContactMethod(kind="log"))
    (sent,) = told(drills(town, "d"), NoticeKind.DRILL)
    common = {**town._command(Actor(role=Role.SERVICE, id="pager")), "answer": False}
    said = {"issuer_key": DESK, "notice_id": sent.notice_id, "track_id": sent.track_id, "method": "log"}
    taken = Receipt.model_validate({**common, **said, "delivered": True, "delivered_at": town.now})
    to_desk(town, "receipt", taken)
    assert ways(town, "d") == {"a": [(0, town.now, None)]}
    town.passes(seconds=KEPT.total_seconds() - 1)
    assert ways(town, "d")
    town.passes(seconds=1)
    assert not ways(town, "d")
    town.everything_restarts()


# ---------------------------------------------------------------------------------------------- every way onto duty
def test_who_cannot_be_reached_any_more_is_not_brought_back_on_duty_by_a_beat_or_the_end_of_a_wrap_up(
    town: Town,
) -> None:
    said = hook("https://a.example")
    for number, presence in enumerate((Presence.WRAP_UP, Presence.AVAILABLE)):
        who = f"r{number}"
        enters(town, who, HOOK, on_duty=False, **said)
        proved(town, who)
        common = town._command(Actor(role=Role.RESPONDER, id=who))
        held = PresenceSet(**common, desk_id=DESK, responder_id=who, presence=presence, heartbeat_seconds=10)
        to_desk(town, "presence", held)
    town.passes(seconds=31)  # three beats are missing
    assert record(town, "r1").silent
    for who in ("r0", "r1"):
        enters(town, who, HOOK, on_duty=False, **hook("https://somebody-else.example"))
        common = town._command(Actor(role=Role.RESPONDER, id=who))
        to_desk(town, "beat", Beat(**common, desk_id=DESK, responder_id=who, heartbeat_seconds=10))
    town.passes(hours=1)
    assert {record(town, who).presence for who in ("r0", "r1")} == {Presence.AWAY}


def test_whose_shift_has_begun_comes_on_duty_with_the_first_method_they_prove(town: Town) -> None:
    enters(town, "a", HOOK, on_duty=False, **hook("https://a.example"))
    layer = Layer.model_validate({
        "name": "first", "zone": "Europe/Paris", "people": ("a",), "hand_over_at": "00:00", "starts_on": "2026-01-05",
    })  # fmt: skip
    to_desk(town, "rota_put", RotaPut(**town._command(SUPERVISOR), desk_id=DESK, layers=(layer,)))
    town.passes(minutes=1).ignoring_what_was_told()
    assert record(town, "a").presence is Presence.AWAY
    verifies(town, "a", 0)
    (sent,) = [one for one in town._new_notices() if one.kind is NoticeKind.VERIFICATION]
    verifies(town, "a", 0, {"notice_id": sent.notice_id}).passes(minutes=1).ignoring_what_was_told()
    assert record(town, "a").presence is Presence.AVAILABLE
