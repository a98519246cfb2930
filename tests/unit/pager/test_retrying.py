"""A failed attempt is tried again soon, then less often, and ends with the sink, never with silence."""

from dataclasses import replace
from datetime import UTC, datetime

from schemas.notices import NoticeIssued
from schemas.words import Band
from services.pager.retrying import ORDINARY, URGENT, Schedule, Undertaking

NOTICE = NoticeIssued.model_validate({
    "notice_id": "n", "kind": "page", "recipient": "post:sink", "band": "P0", "attempt": 1, "method_rank": 0,
    "issuer_topic": "commands", "issuer_key": "h", "case_id": "c", "track_id": "t", "desk_id": "legal-fr",
    "pillar": "legal", "reason": "acknowledge", "at": datetime(2026, 1, 1, tzinfo=UTC),
})  # fmt: skip


def tried(band: str, *, seconds: float) -> list[Undertaking]:
    """Every undertaking of a notice whose attempts all fail for so long."""
    one = Undertaking((NOTICE.model_copy(update={"band": Band(band)}),), since=0.0)
    now, found = 0.0, [one]
    while now < seconds:
        (one,) = one.failed(now, final=False)
        now += one.delay
        found.append(one)
    return found


def test_a_p0_is_tried_at_least_every_second_for_ever() -> None:
    found = tried("P0", seconds=300)
    assert max(one.delay for one in found) == URGENT.longest == 1.0
    assert found[1].delay == 0.2


def test_after_its_patience_a_notice_is_the_sinks_at_once_and_stays_so() -> None:
    for band, patience in (("P0", URGENT), ("P2", ORDINARY)):
        found = tried(band, seconds=patience.before_sink * 3)
        first = next(n for n, one in enumerate(found) if one.handed_over)
        assert found[first].delay == 0.0
        assert all(one.handed_over == "method_failed" for one in found[first:])
        assert not any(one.handed_over for one in found[:first])


def test_a_final_refusal_is_the_sinks_at_once() -> None:
    (after,) = Undertaking((NOTICE,), since=0.0).failed(0.1, final=True)
    assert after.handed_over == "method_failed"


def test_a_final_refusal_of_the_sink_is_tried_again() -> None:
    (after,) = replace(Undertaking((NOTICE,), since=0.0), handed_over="unknown_recipient").failed(0.1, final=True)
    assert after.delay > 0


def test_what_went_together_goes_to_the_sink_each_by_itself() -> None:
    notices = tuple(NOTICE.model_copy(update={"notice_id": name}) for name in "abc")
    given = Undertaking(notices, since=0.0).failed(0.1, final=True)
    assert [(one.parcel.key, one.handed_over) for one in given] == [(name, "method_failed") for name in "abc"]


def test_the_schedule_gives_out_what_is_due_in_order_and_once() -> None:
    schedule = Schedule()
    for due in (3.0, 1.0, 2.0):
        schedule.add(due, Undertaking((NOTICE,), since=due))
    assert schedule.next_due == 1.0
    assert [one.since for one in schedule.due(2.5)] == [1.0, 2.0]
    assert schedule.due(2.5) == []
    assert schedule.next_due == 3.0
