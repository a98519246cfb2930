"""What a desk keeps for a P0, in short: half a day under a normal load, and with ten times as much P2 and P3."""

from datetime import timedelta

import pytest

from schemas.words import Band
from tests.desk_sim.arrivals import Track, arrivals, reaction
from tests.desk_sim.desk import NO_RESERVE
from tests.desk_sim.figures import Compared, jain, percentile, together
from tests.desk_sim.hands import Hands
from tests.desk_sim.piece import play
from tests.desk_sim.plan import BEGIN, Plan
from tests.shipped import CATALOGUE

SHORT = Plan("sameroof", p0_percent=50, days=0.6)


def compared(policy: str) -> Compared:
    usual = Plan(policy, SHORT.p0_percent, days=SHORT.days)
    return Compared(together([play(usual)]), together([play(usual.at(times=10))]))


def test_a_p0_waits_no_longer_when_p2_and_p3_come_ten_times_as_often() -> None:
    found = compared("sameroof")
    assert len(found.usual.waits[Band.P0]) >= 200
    assert found.holds, f"p95 x {found.ratio(95):.2f}, p99 x {found.ratio(99):.2f}"


def test_without_a_reserve_it_does() -> None:
    assert not compared("no_reserve").holds


def test_without_a_reserve_nothing_else_of_the_catalogue_differs() -> None:
    assert NO_RESERVE.work.reserve.units == 0
    assert NO_RESERVE.work.reserve.sets_aside == ()
    put_back = NO_RESERVE.model_copy(update={"work": CATALOGUE.work})
    assert put_back == CATALOGUE


def p0s(plan: Plan) -> list[Track]:
    return [track for track in arrivals(plan) if track.band is Band.P0]


def test_the_same_p0s_come_whatever_else_does() -> None:
    assert p0s(SHORT) == p0s(SHORT.at(times=10))
    assert sum(track.band is Band.P3 for track in arrivals(SHORT.at(times=10))) > 8 * sum(
        track.band is Band.P3 for track in arrivals(SHORT)
    )


def test_an_offer_is_reacted_to_in_the_same_way_whatever_else_happens() -> None:
    for track in p0s(SHORT)[:50]:
        assert [reaction(SHORT, track, number) for number in (1, 2, 3)] == [
            reaction(SHORT.at(times=10), track, number) for number in (1, 2, 3)
        ]


def test_a_week_is_the_same_each_time_it_is_played() -> None:
    brief = Plan("sameroof", p0_percent=50, times=10, days=0.1)
    assert play(brief).waits == play(brief).waits


# ------------------------------------------------------------------------------------------------- what the figures mean
def track(name: str, band: Band, minutes: int) -> Track:
    return Track(name, band, BEGIN, "phishing", (), "fr", timedelta(minutes=minutes))


def test_work_beyond_what_somebody_can_do_at_once_stands_still_while_they_have_a_p0() -> None:
    left = {"a": timedelta(minutes=10), "b": timedelta(minutes=30)}
    hands = Hands(2, left)
    hands.take(track("a", Band.P3, 10), BEGIN)
    hands.take(track("b", Band.P0, 30), BEGIN + timedelta(minutes=5))
    assert hands.done_next() == (BEGIN + timedelta(minutes=35), track("b", Band.P0, 30))
    hands.drop("b", BEGIN + timedelta(minutes=35))
    assert hands.done_next() == (BEGIN + timedelta(minutes=40), track("a", Band.P3, 10))


def test_nobody_is_counted_as_busier_than_they_can_be() -> None:
    hands = Hands(2, {"a": timedelta(hours=1), "b": timedelta(hours=1)}, on_duty=True)
    for name in ("a", "b"):
        hands.take(track(name, Band.P0, 60), BEGIN)
    hands.look(BEGIN + timedelta(minutes=30))
    assert hands.busy == 2 * hands.there == timedelta(hours=1)


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (75, 3), (95, 4), (100, 4)])
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(percent: int, value: float) -> None:
    assert percentile([1, 2, 3, 4], percent) == value


@pytest.mark.parametrize(("shares", "index"), [([3, 3, 3], 1.0), ([9, 0, 0], 1 / 3), ([], 1.0)])
def test_fairness_is_one_when_all_have_the_same_and_least_when_one_has_everything(
    shares: list[int], index: float
) -> None:
    assert jain(shares) == pytest.approx(index)
