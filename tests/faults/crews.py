"""The processes of one service under torture, and what can be done to them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.kafka import Broker
from schemas.catalogue import HERE
from schemas.topics import (
    COMMANDS,
    INCIDENTS,
    INCIDENTS_P0,
    PROGRESS_TOPIC,
    ROUTER_STATE,
    desk_commands,
    desks,
    dispatch,
)
from schemas.words import Pillar
from tests.faults.schedule import Blow, Fault
from tests.faults.trail import Trail
from tests.stage.fleet import Member, stop_all, wait_until

SESSION_SECONDS = 3.0
PAUSED_SECONDS = SESSION_SECONDS + 1.5
UNREAD_SECONDS = 5.0
VICTIM_SECONDS = 30.0
FEED, FEED_SECONDS = 60, 0.4
WENT_ON_SECONDS = 40.0


@dataclass
class Struck:
    """A fault that was dealt: to whom, what its partition had unread, where it stood; `heal` ends what lasts."""

    victim: str
    partition: int
    unread: int
    stood_at: int
    trail: Trail
    heal: Callable[[], None]

    def went_on(self) -> bool:
        """Whether the partition got further in the end."""
        until = time.monotonic() + WENT_ON_SECONDS
        while time.monotonic() < until:
            if self.trail.standing(self.partition) > self.stood_at:
                return True
            time.sleep(0.05)
        return False


@dataclass
class Crew:
    """Some supervised processes of one service; one more may join and leave."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    home: Path
    trail: Trail
    partitions: int
    feed: Callable[[int], None] = lambda _: None
    members: list[Member] = field(default_factory=list)
    lives: int = 0

    def start(self) -> None:
        """Starts two."""
        for _ in range(2):
            self.add()
        for member in self.members:
            member.wait_ready()

    def add(self) -> Member:
        """Starts one more."""
        instance = f"{self.name}-{self.lives}"
        self.lives += 1
        self.members.append(
            Member(instance, self.command, self.environment, self.home / f"{instance}.log", supervised=True).start()
        )
        return self.members[-1]

    def strike(self, blow: Blow, broker: Broker) -> Struck | None:
        """Deals the blow at a moment when its victim has unread input; None when there is no such moment."""
        if blow.fault is Fault.JOIN:
            return self._join()
        if blow.fault is Fault.BROKER:
            return self._kill_broker(blow, broker)
        until = time.monotonic() + VICTIM_SECONDS
        while time.monotonic() < until:
            turn = blow.victim % len(self.members)
            ranked = self.members[-1:] if blow.fault is Fault.LEAVE else self.members[turn:] + self.members[:turn]
            for victim in ranked:
                found = self._unread(_owned(victim))
                if found is not None:
                    return self._hit(blow.fault, victim, *found)
            time.sleep(0.1)
        return None

    def state(self) -> dict[int, dict[str, Any]]:
        """Digest and positions of every partition, whoever has it."""
        return {partition: shown for member in self.members for partition, shown in member.state().items()}

    def digests(self) -> dict[int, str]:
        """The digest of every partition, once somebody has it and nothing is left to read."""
        wait_until(f"all partitions of {self.name} are owned", lambda: len(self.state()) == self.partitions)
        return {partition: shown["digest"] for partition, shown in sorted(self.state().items())}

    def idle(self) -> bool:
        """Whether every partition is owned and says it has read everything."""
        lags = [lag for member in self.members for lag in _lags(member)]
        return len({partition for partition, _ in lags}) == self.partitions and not any(records for _, records in lags)

    def unread(self) -> float:
        """Records its members say they have not read."""
        return sum(records for member in self.members for _, records in _lags(member))

    def reborn(self) -> "Crew":
        """All processes end; new ones begin from the changelog alone."""
        for member in self.members:
            member.stop()
        self.members.clear()
        self.start()
        return self

    def _unread(self, partitions: list[int]) -> tuple[int, int] | None:
        """A partition of these that has unread input, and how much, as soon as there is one."""
        until = time.monotonic() + UNREAD_SECONDS
        fed = 0.0
        while partitions and time.monotonic() < until:
            if time.monotonic() - fed > FEED_SECONDS:
                self.feed(FEED)
                fed = time.monotonic()
            for partition in partitions:
                if unread := self.trail.unread(partition):
                    return partition, unread
        return None

    def _hit(self, fault: Fault, victim: Member, partition: int, unread: int) -> Struck:
        struck = Struck(victim.instance, partition, unread, self.trail.standing(partition), self.trail, lambda: None)
        if fault is Fault.LEAVE:
            self.members.remove(victim)
            victim.stop()
        elif fault is Fault.PAUSE:
            victim.signal(signal.SIGSTOP)
            paused_at = time.monotonic()
            struck.heal = lambda: self._resume(victim, struck, paused_at)
        else:
            victim.signal(signal.SIGKILL if fault is Fault.KILL else signal.SIGTERM)
        return struck

    def _resume(self, victim: Member, struck: Struck, paused_at: float) -> None:
        """Wakes the zombie once another process has taken its partition over and got further."""
        struck.went_on()
        time.sleep(max(0.0, PAUSED_SECONDS - (time.monotonic() - paused_at)))
        victim.signal(signal.SIGCONT)

    def _join(self) -> Struck | None:
        if self._unread(list(range(self.partitions))) is None:
            return None
        joiner = self.add()
        wait_until(f"{joiner.instance} has a partition", lambda: _owned(joiner))
        felt = self._unread(_owned(joiner))
        return felt and Struck(joiner.instance, *felt, self.trail.standing(felt[0]), self.trail, lambda: None)

    def _kill_broker(self, blow: Blow, broker: Broker) -> Struck | None:
        found = self._unread(list(range(self.partitions)))
        if found is None:
            return None
        node = broker.nodes[blow.victim % len(broker.nodes)]
        struck = Struck(
            f"broker {node}", *found, self.trail.standing(found[0]), self.trail, lambda: broker.restart(node)
        )
        broker.kill(node)
        return struck


def _lags(member: Member) -> list[tuple[int, float]]:
    """Partition and unread records of each input it owns; cheaper for it to tell than its state."""
    lines = member.get("/metrics")[1].splitlines()
    mine = [line for line in lines if line.startswith("sameroof_input_lag_records{")]
    return [(int(line.partition('partition="')[2].partition('"')[0]), float(line.split()[-1])) for line in mine]


def _owned(member: Member) -> list[int]:
    return sorted({partition for partition, _ in _lags(member)})


def crews(bootstrap: str, environment: Mapping[str, str], home: Path) -> tuple[Crew, Crew]:
    """The routers and the technical desks."""
    lanes = tuple(dispatch(Pillar.TECHNICAL, urgent=urgent).name for urgent in (True, False))
    router_inputs = tuple(topic.name for topic in (INCIDENTS_P0, INCIDENTS, COMMANDS, PROGRESS_TOPIC))
    desk_inputs = (*lanes, desk_commands(Pillar.TECHNICAL).name)
    routers = Trail(bootstrap, ROUTER_STATE.name, router_inputs, 4)
    technical = Trail(bootstrap, desks(Pillar.TECHNICAL).name, desk_inputs, 3)
    python = (sys.executable, "-m")
    return (
        Crew("router", (*python, "services.router"), environment, home, routers, 4),
        Crew("technical", (*python, "services.responders"), environment, home, technical, 3),
    )


def surroundings(broker: Broker, home: Path, promises: Callable[[str], str]) -> dict[str, str]:
    """Settings of processes on a broker whose topics are made now; in `home` is their catalogue, with other `promises`."""
    catalogue = home / "catalogue"
    shutil.copytree(HERE, catalogue, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    written = catalogue / "sla.yaml"
    written.write_text(promises(written.read_text()))
    made = {
        "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "SAMEROOF_HOUSEHOLD_PARTITIONS": "4",
        "SAMEROOF_DESK_PARTITIONS": "3",
        "SAMEROOF_CATALOGUE": str(catalogue),
        "SAMEROOF_REPLICATION": "3" if len(broker.nodes) == 3 else "1",
        "SAMEROOF_SESSION_SECONDS": "3",
        "SAMEROOF_PILLAR": "technical",
    }
    subprocess.run([sys.executable, "-m", "services.cli", "topics"], env={**os.environ, **made}, check=True)
    return made


@contextmanager
def running(both: tuple[Crew, Crew]) -> Iterator[tuple[Crew, Crew]]:
    """Both crews, started; stopped in the end."""
    try:
        for crew in both:
            crew.start()
        yield both
    finally:
        for crew in both:
            crew.trail.close()
        stop_all([member for crew in both for member in crew.members])
