"""Where a track goes when nobody answers: planned instants, a step with nobody there, the sink again and again."""

from datetime import UTC, datetime, timedelta

from services.rules.ladder import Climb, Step, first_step, ladder_of, next_step
from tests.shipped import CATALOGUE

DUE = datetime(2026, 3, 20, 21, 42, tzinfo=UTC)
TWO_MINUTES = timedelta(minutes=2)
REPEAT = timedelta(minutes=1)


def steps(*, moves: bool = True) -> tuple[Step, ...]:
    return ladder_of("legal-be", TWO_MINUTES, CATALOGUE, moves=moves)


def climbed(now: datetime, times: int) -> list[Climb]:
    found = [first_step(steps(), DUE)]
    for _ in range(times):
        last = found[-1]
        found.append(next_step(steps(), last.number, last.next_at, repeat=REPEAT, now=max(now, last.next_at)))
    return found


def test_the_duty_lead_then_a_neighbour_then_the_sink() -> None:
    assert [one.to for one in steps()] == ["post:duty-lead-legal-be", "legal-fr", "post:sink"]


def test_a_track_that_somebody_has_goes_to_no_other_desk() -> None:
    assert [one.name for one in steps(moves=False)] == ["duty_lead", "sink"]


def test_each_step_is_planned_from_the_one_before_and_the_sink_is_told_again_and_again() -> None:
    planned = [(one.step.name, (one.planned_at - DUE).total_seconds(), one.again) for one in climbed(DUE, 4)]
    assert planned == [
        ("duty_lead", 0, False),
        ("neighbours", 60, False),
        ("sink", 120, False),
        ("sink", 180, True),
        ("sink", 240, True),
    ]


def test_steps_taken_late_are_planned_as_if_they_had_been_taken_in_time() -> None:
    late = climbed(DUE + timedelta(seconds=100), 2)
    assert [(one.planned_at - DUE).total_seconds() for one in late] == [0, 60, 120]


def test_what_the_sink_missed_during_an_outage_comes_once() -> None:
    back = DUE + timedelta(hours=6, seconds=10)
    sink = climbed(back, 2)[-1]
    assert (sink.planned_at, sink.next_at) == (DUE + timedelta(minutes=2), DUE + timedelta(hours=6, minutes=1))


def test_a_region_without_neighbours_has_no_such_step_and_its_delay_is_not_waited_for() -> None:
    alone = CATALOGUE.desks.regions["be"].model_copy(update={"neighbours": ()})
    desks = CATALOGUE.desks.model_copy(update={"regions": {**CATALOGUE.desks.regions, "be": alone}})
    found = ladder_of("legal-be", TWO_MINUTES, CATALOGUE.model_copy(update={"desks": desks}), moves=True)
    assert [(one.name, one.after) for one in found][1] == ("sink", timedelta(minutes=1))
