"""Real processes on a real broker, killed, paused, crashed at every labelled point: nothing lost, nothing twice."""

import os
import signal

import pytest

from deploy.local.kafka import Broker
from services.runtime.exits import EXIT_CRASH_POINT
from services.runtime.processor.exits import POINTS
from tests.stage.dumps import dump
from tests.stage.fleet import wait_until
from tests.stage.ledger import Ledger
from tests.stage.ledger_processes import Sender, Start, copied, entry, ledger, start, verify

__all__ = ["ledger", "start"]
pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_crash_at_every_labelled_point_loses_nothing_and_doubles_nothing(
    kafka: Broker, ledger: Ledger, start: Start
) -> None:
    sender = Sender(kafka, f"{ledger.name}.in")
    for point in POINTS:
        sender.send(1_500)
        assert start(SAMEROOF_CRASH_AT=f"{point}:2").ended() == EXIT_CRASH_POINT, point
    last = start()
    copied(kafka, ledger, len(sender.acked))
    last.stop()
    verify(kafka, ledger, sender.acked)


@pytest.mark.skipif(
    os.environ.get("SAMEROOF_FULL") != "1", reason="the torture does this to the product's own services"
)
def test_kills_pauses_and_moves_under_load_lose_nothing_and_double_nothing(
    kafka: Broker, ledger: Ledger, start: Start
) -> None:
    sender = Sender(kafka, f"{ledger.name}.in")
    session = {"SAMEROOF_SESSION_SECONDS": "2"}
    first, second = (start(number, supervised=True, **session) for number in (0, 1))
    first.wait_ready()
    second.wait_ready()
    for victim, blow in ((first, signal.SIGKILL), (second, signal.SIGTERM), (second, signal.SIGKILL)):
        sender.send(3_000)
        victim.signal(blow)
        sender.send(1_000)
        wait_until("it is back", victim.ready)
    zombie = second.signal(signal.SIGSTOP)
    sender.send(3_000)
    wait_until("the other has all partitions", lambda: len(first.state()) == 2)
    second.signal(signal.SIGCONT)
    wait_until("the zombie ended itself", lambda: second.pid not in {zombie, None})
    wait_until("its next life has its share", lambda: len(second.state()) == 1)
    copied(kafka, ledger, len(sender.acked))
    shown = {**first.state(), **second.state()}
    machines = verify(kafka, ledger, sender.acked)
    assert {number: each["digest"] for number, each in shown.items()} == {
        number: machine.digest() for number, machine in machines.items()
    }


def test_a_record_that_kills_the_process_is_a_dead_letter_at_the_third_attempt(
    kafka: Broker, ledger: Ledger, start: Start
) -> None:
    sender = Sender(kafka, f"{ledger.name}.in")
    sender.send(30, keys=1)
    sender.send(1, keys=1, wish="kill")
    sender.send(30, keys=1)
    member = start(supervised=True)
    copied(kafka, ledger, 60)
    verify(kafka, ledger, sender.acked, dead=1)
    (letter,) = dump(kafka.bootstrap_servers, f"{ledger.name}.dead")
    assert (entry(letter)["wish"], letter.headers["reason"]) == ("kill", b"killed_process")
    ends = member.log.read_text().count("starting again")
    print(f"\nthe process was ended {ends} times before the record was given up")
    assert ends <= 4
