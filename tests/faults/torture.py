"""Tortures the product's own router and technical desks on a real Kafka and judges them from outside.

`python -m tests.faults.torture --help`. Senders log what was acknowledged; a seeded schedule deals faults; a fault counts only
if its victim had unread input and the partition it hit went on afterwards; the verdict compares the log with read_committed dumps.
"""

import argparse
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.kafka import Broker, provide
from tests.faults.crews import FEED, Crew, crews, running, surroundings
from tests.faults.schedule import FULL, SHORT, Blow, Fault, draw, short_of
from tests.faults.verdict import Verdict, reach_verdict
from tests.stage.fleet import wait_until

SHORT_REPORTS, FULL_REPORTS = 2_000, 20_000
QUIET_SECONDS = 120.0
LOOK_SECONDS = 0.2
TRIES = 3  # to find a victim that has something unread


@dataclass
class Torture:
    """One run on a broker whose topics do not exist yet. `felt` counts the faults that count."""

    broker: Broker
    home: Path
    seed: int
    reports: int
    counts: dict[Fault, int]
    felt: Counter[Fault] = field(default_factory=Counter)
    sent: int = 0
    sender: "subprocess.Popen[str] | None" = None
    began: float = field(default_factory=time.monotonic)

    @property
    def log(self) -> Path:
        """The senders' log."""
        return self.home / "acknowledged.jsonl"

    def run(self, seconds: float) -> Verdict:
        """Deals the schedule, spreading it over `seconds`; returns the verdict, complaints about counts included."""
        environment = surroundings(self.broker, self.home, _patient)
        with self._sender(), running(crews(self.broker.bootstrap_servers, environment, self.home)) as both:
            for crew in both:
                crew.feed = self._ask
            self._say("router and technical desks run")
            blows = draw(self.counts, self.seed)
            for blow in blows:
                self._ask(self.reports // (len(blows) + 1))
                self._deal(blow, both[blow.on_desk])
                self._rest_until((blow.number + 1) / len(blows) * seconds)
            self._say("sending the rest")
            self._ask(max(0, self.reports - self.sent))
            self._drain(both)
            before = [crew.digests() for crew in both]
            verdict = reach_verdict(self.broker.bootstrap_servers, self.log)
            for crew, digests in zip(both, before, strict=True):
                verdict.expect(f"{crew.name}: state restored by new processes", crew.reborn().digests(), digests)
        verdict.expect("faults that are missing", short_of(self.counts, self.felt), {})
        return verdict

    def _deal(self, blow: Blow, crew: Crew) -> None:
        """Strikes when the victim has something unread, and sees whether its partition goes on."""
        time.sleep(blow.pause)
        struck = next(filter(None, (crew.strike(blow, self.broker) for _ in range(TRIES))), None)
        if struck is None:
            self._say(f"{blow.fault}: {crew.name} has no victim with unread input")
            return
        self._ask(FEED)
        struck.heal()
        went_on = struck.went_on()
        self.felt[blow.fault] += went_on
        what = f"{blow.fault}: {struck.victim}, partition {struck.partition} had {struck.unread} unread"
        self._say(f"{what}, {'went on' if went_on else 'did not go on: not counted'}")

    def _ask(self, number: int) -> None:
        """Asks the sender for more reports."""
        assert self.sender is not None
        assert self.sender.stdin is not None
        assert self.sender.poll() is None, "the sender ended"
        self.sender.stdin.write(f"{number}\n")
        self.sender.stdin.flush()
        self.sent += number

    def _drain(self, both: tuple[Crew, Crew]) -> None:
        wait_until("all that was sent is acknowledged", lambda: self._acknowledged() >= self.sent, QUIET_SECONDS)
        for _ in range(2):  # what a desk answers is input to the router again
            self._read_all(both)
            time.sleep(0.5)

    def _read_all(self, both: tuple[Crew, Crew]) -> None:
        """Waits as long as less and less is unread: how fast is not the question here."""
        least, until = math.inf, 0.0
        while not all(crew.idle() for crew in both):
            unread = sum(crew.unread() for crew in both)
            if unread < least:
                least, until = unread, time.monotonic() + QUIET_SECONDS
            assert time.monotonic() < until, f"{least:.0f} records were left unread for {QUIET_SECONDS:.0f} s"
            time.sleep(LOOK_SECONDS)

    def _rest_until(self, after: float) -> None:
        time.sleep(max(0.0, after - (time.monotonic() - self.began)))

    def _acknowledged(self) -> int:
        return self.log.read_bytes().count(b"\n")

    @contextmanager
    def _sender(self) -> Iterator[None]:
        self.log.touch()
        program = [sys.executable, "-m", "tests.faults.report_sender"]
        command = [*program, self.broker.bootstrap_servers, str(self.log), str(self.seed)]
        self.sender = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert self.sender.stdout is not None
            assert self.sender.stdout.readline().startswith("ready"), "the sender cannot publish"
            yield
        finally:
            self.sender.kill()
            self.sender.communicate()

    def _say(self, what: str) -> None:
        print(f"[{time.monotonic() - self.began:5.1f} s, {self._acknowledged()} acknowledged] {what}", flush=True)


def _patient(promises: str) -> str:
    """Clocks too long to run out: what the state is must not depend on when it is looked at."""
    return re.sub(r"\b\d+ (s|min|h|d)\b", "60 d", promises)


def torture(*, nodes: int, seed: int, seconds: float, reports: int, counts: dict[Fault, int]) -> Verdict:
    """One run on a broker of its own."""
    home = Path(tempfile.mkdtemp(prefix="sameroof-torture-"))
    broker = provide(nodes, say=lambda said: print(said, flush=True))
    try:
        run = Torture(broker, home, seed, reports, counts)
        verdict = run.run(seconds)
        print(f"faults that count: {', '.join(f'{count} {fault}' for fault, count in run.felt.items())}")
        if verdict.complaints:
            print(f"logs of all processes are in {home}")
        else:
            shutil.rmtree(home)
        return verdict
    finally:
        broker.close()


def main() -> None:
    """Exit status 0 when nothing was lost, doubled or counted wrongly, and every fault asked for was felt."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.torture", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=600.0, help="spread the faults over so long (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of schedule and reports (default %(default)s)")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="brokers (default %(default)s)")
    parser.add_argument(
        "--reports", type=int, default=None, help=f"at least so many (default {FULL_REPORTS}, short {SHORT_REPORTS})"
    )
    parser.add_argument(
        "--short", action="store_true", help="the few faults and reports of `make test`, as fast as they go"
    )
    chosen = parser.parse_args()
    counts = SHORT if chosen.short else FULL
    reports = chosen.reports or (SHORT_REPORTS if chosen.short else FULL_REPORTS)
    seconds = 0.0 if chosen.short else chosen.seconds
    verdict = torture(nodes=chosen.nodes, seed=chosen.seed, seconds=seconds, reports=reports, counts=counts)
    print(verdict.shown())
    raise SystemExit(1 if verdict.complaints else 0)


if __name__ == "__main__":
    main()
