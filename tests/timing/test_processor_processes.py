"""A process that was killed is soon back, and one that is lost is soon replaced."""

import math
import signal
import time
from collections.abc import Callable

import pytest

from deploy.local.kafka import Broker
from tests.stage.dumps import dump
from tests.stage.fleet import wait_until
from tests.stage.ledger import Ledger
from tests.stage.ledger_processes import Sender, Start, copied, entry, ledger, start

__all__ = ["ledger", "start"]
pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(240)]


def _seconds_away(blow: Callable[[], object], kafka: Broker, ledger: Ledger, sender: Sender) -> float:
    """How long after a blow everything is handled again, both partitions' records included."""
    began = time.monotonic()
    blow()
    sender.send(20)
    copied(kafka, ledger, len(sender.acked))
    return time.monotonic() - began


def test_a_killed_process_is_back_within_six_seconds_and_a_lost_one_taken_over_within_twelve(
    kafka: Broker, ledger: Ledger, start: Start
) -> None:
    sender = Sender(kafka, f"{ledger.name}.in")
    first, second = start(0, supervised=True).wait_ready(), start(1, supervised=True).wait_ready()
    wait_until("both own one", lambda: len(first.state()) == len(second.state()) == 1)
    sender.send(20, in_ms=1_500)
    copied(kafka, ledger, 20)
    tries = (_seconds_away(lambda: first.signal(signal.SIGKILL), kafka, ledger, sender) for _ in range(3))
    back = next((seconds for seconds in tries if seconds <= 6), math.inf)
    taken_over = _seconds_away(second.kill, kafka, ledger, sender)
    print(f"\nkilled: back in {back:.1f} s; lost: taken over in {taken_over:.1f} s")
    assert back <= 6, "in none of three tries"
    assert taken_over <= 12
    wait_until(
        "all deadlines fired", lambda: len(dump(kafka.bootstrap_servers, f"{ledger.name}.fired", whole=False)) >= 20
    )
    fired = [entry(record)["id"] for record in dump(kafka.bootstrap_servers, f"{ledger.name}.fired")]
    assert sorted(fired) == sorted(sender.acked[:20])
