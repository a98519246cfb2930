"""Two processes fight for the technical desks on a real Kafka, killed and stopped by a seeded schedule; tracks move between the desks.

`python -m tests.faults.fight --help`. A fault counts only if its victim had unread input and its partition went on afterwards.
"""

import argparse
import random
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.kafka import Broker, provide
from tests.faults.crews import Crew, crews, running, surroundings
from tests.faults.fight_verdict import Fought, judge
from tests.faults.fighters import Fighters
from tests.faults.report_sender import ReportSender
from tests.faults.schedule import Blow, Fault
from tests.stage.fleet import stop_all, wait_until

SHORT = {Fault.KILL: 2, Fault.PAUSE: 1}
FULL = {Fault.KILL: 20, Fault.PAUSE: 10}
REPORTS, FEED = 120, 12
TRIES = 3


@dataclass
class Fight:
    """One run on a broker whose topics do not exist yet. `felt` counts the faults that count."""

    broker: Broker
    home: Path
    seed: int
    counts: dict[Fault, int]
    felt: Counter[Fault] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    stopped_at: datetime = field(init=False)

    def run(self, seconds: float) -> Fought:
        """Deals the faults, spread over `seconds`, lets everybody accept what is open, and judges."""
        environment = surroundings(self.broker, self.home, _hasty)
        bootstrap = self.broker.bootstrap_servers
        self._sender = ReportSender(bootstrap, lambda _: None, self.seed)
        with running(crews(bootstrap, environment, self.home)) as (routers, desks):
            people = Fighters(bootstrap, self.seed)
            people.start()
            try:
                desks.feed = lambda _: self._reports(FEED)
                self._reports(REPORTS)
                self._deal(desks, seconds)
                people.calm = True
                self._wait_for(routers, desks)
                self.did = people.did
            finally:
                people.close()
            self._wait_for(routers, desks)
            self.stopped_at = datetime.now(UTC)
            stop_all(desks.members)
            self._wait_for(routers)  # what the desks told last
            stop_all(routers.members)
            return judge(bootstrap, self.stopped_at)

    def _deal(self, desks: Crew, seconds: float) -> None:
        dice = random.Random(self.seed)
        faults = [fault for fault, count in self.counts.items() for _ in range(count)]
        dice.shuffle(faults)
        for number, fault in enumerate(faults):
            blow = Blow(number, fault, True, dice.randrange(1_000), 0.0)
            struck = next(filter(None, (desks.strike(blow, self.broker) for _ in range(TRIES))), None)
            if struck is not None:
                self._reports(FEED)
                struck.heal()
                self.felt[fault] += struck.went_on()
                self._say(f"{fault}: {struck.victim}, partition {struck.partition} had {struck.unread} unread")
            time.sleep(max(0.0, (number + 1) / len(faults) * seconds - (time.monotonic() - self.began)))

    def _wait_for(self, *both: Crew) -> None:
        for _ in range(3):  # what one tells is input to the other
            for crew in both:
                wait_until(f"{crew.name} has read everything", crew.idle, 60.0)

    def _reports(self, number: int) -> None:
        for _ in range(number):
            self._sender.send()
        self._sender.wait(0)

    def _say(self, what: str) -> None:
        print(f"[{time.monotonic() - self.began:5.1f} s] {what}", flush=True)


def _hasty(promises: str) -> str:
    """Offers and acknowledge promises of seconds: they run out while their desk is fought for."""
    text = re.sub(r"\[\d+ (s|min|h|d),", "[8 s,", promises)
    return re.sub(r"offer_window: .*", "offer_window: {P0: 2 s, P1: 2 s, P2: 3 s, P3: 3 s}", text)


def main() -> None:
    """Exit status 0 when every track was with one at a time, and every fault asked for was felt."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fight", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=300.0, help="spread the faults over so long (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of schedule, reports and answers (default %(default)s)")
    parser.add_argument("--short", action="store_true", help="the few faults of `make test`, as fast as they go")
    chosen = parser.parse_args()
    home, broker = Path(tempfile.mkdtemp(prefix="sameroof-fight-")), provide(1, say=print)
    try:
        run = Fight(broker, home, chosen.seed, SHORT if chosen.short else FULL)
        found = run.run(0.0 if chosen.short else chosen.seconds)
    finally:
        broker.close()
    print(f"faults that count: {dict(run.felt)}; calls: {dict(run.did)}", found.shown(), f"logs in {home}", sep="\n")
    proved = found.moved_while_asked > 0 and run.felt == Counter(run.counts)
    raise SystemExit(1 if found.complaints or not proved else 0)


if __name__ == "__main__":
    main()
