"""A gateway that dies while it forwards: nothing lost, one dead letter each."""

import pytest

from services.runtime.exits import EXIT_CRASH_POINT
from tests.stage.brokers import broker
from tests.stage.fleet import wait_until
from tests.stage.gateways import DOORS, dead_ids, forwarded, gateway, mixed, publish, town
from tests.stage.product import Product

__all__ = ["broker", "town"]
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@pytest.mark.parametrize("point", ["before_forward", "after_forward"])
def test_a_gateway_that_dies_around_forwarding_loses_nothing_and_has_one_dead_letter_each(
    town: Product, point: str
) -> None:
    known = set(dead_ids(town))
    bodies, bad = mixed(2_000)
    publish(town, DOORS.incidents, bodies)
    assert gateway(town, crash_at=f"{point}:2").ended() == EXIT_CRASH_POINT
    gateway(town)
    good = {identity for identity, body in bodies.items() if body.endswith(b"}")}
    wait_until("every good one is forwarded", lambda: good <= forwarded(town).keys())
    wait_until("every bad one is a dead letter", lambda: len(set(dead_ids(town)) - known) >= bad)
    times = forwarded(town)
    twice = sum(1 for identity in good if times[identity] > 1)
    print(f"\n  killed {point}: {len(good)} forwarded, {twice} of them twice, {bad} dead letters")
    assert len(set(dead_ids(town)) - known) == bad
    assert twice <= 1_500, "at most the groups under way"
    assert not bodies.keys() - good & times.keys()
