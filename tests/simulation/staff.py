"""Starts processes, ends them, holds them up, and hands their partitions to others while they do not know it yet."""

from collections.abc import Callable, Iterable
from random import Random

from tests.simulation.bench import Bench, Killed
from tests.simulation.hosts import Host, ProcessClock
from tests.simulation.log import Place
from tests.simulation.owner import Owner
from tests.simulation.scheduler import Act, Actor
from tests.simulation.seats import LastLife, Process, Seat

MEMBERSHIP_US = 15_000_000
KNOWN_P = 0.9


def once(do: Callable[[], None]) -> Act:
    """An actor that does one thing."""
    do()
    yield from ()


class Staff:
    """The processes of all seats. `restart_s` is about how long a new one takes to be there."""

    def __init__(self, bench: Bench, seats: list[Seat], hosts: list[Host], *, dice: Random, restart_s: float) -> None:
        self.seats = seats
        self.owners: dict[str, Owner] = {}
        self._bench = bench
        self._hosts = hosts
        self._dice = dice
        self._restart_s = restart_s
        self._of_actor: dict[Actor, tuple[Seat, Process]] = {}
        self._readers: dict[Place, list[Seat]] = {}
        for seat in seats:
            for tier in seat.wiring.inputs:
                for topic in tier:
                    self._readers.setdefault((topic.name, seat.partition), []).append(seat)
            self.start(seat)

    def start(self, seat: Seat, last_life: LastLife | None = None) -> None:
        """A new process takes the seat; whoever had it does not know yet, and will be told within its session."""
        if seat.rightful is not None:
            self._displace(seat, seat.rightful)
        seat.lives += 1
        host = self._dice.choice(self._hosts)
        process = Process(f"{seat.name}#{seat.lives}", host, ProcessClock(host), last_life)
        owner = Owner(seat, process, self._bench)
        seat.rightful = process
        process.actor = self._bench.scheduler.spawn(process.name, owner.life())
        self._of_actor[process.actor] = (seat, process)
        self.owners[process.name] = owner

    def crash(self, seat: Seat) -> None:
        """The rightful process dies where it stands."""
        if seat.rightful is not None:
            actor = seat.rightful.actor
            assert actor is not None
            self._bench.scheduler.end(actor)
            self.over(actor)

    def pause(self, seat: Seat, seconds: float) -> None:
        """The rightful process stops for a while, wherever it is."""
        process = seat.rightful
        if process is None or process.actor is None or process.actor.held:
            return
        seat.outages.down(self._bench.scheduler.us)
        self._bench.scheduler.hold(process.actor)
        self._later(f"{process.name} goes on", lambda: self._resume(seat, process), seconds)

    def over(self, actor: Actor) -> None:
        """A process ended, by itself or not; another one takes its seat after a while."""
        if actor not in self._of_actor:
            return
        seat, process = self._of_actor.pop(actor)
        owner = self.owners.pop(process.name)
        if process is not seat.rightful:
            seat.zombies.remove(process)
            return
        seat.rightful = None
        seat.outages.down(self._bench.scheduler.us)
        spot = owner.ended_by.spot if isinstance(owner.ended_by, Killed) else None
        last_life = LastLife(known=self._dice.random() < KNOWN_P, spot=spot)
        seconds = self._restart_s * self._dice.uniform(0.1, 2)
        self._later(f"{seat.name} is started again", lambda: self._refill(seat, last_life), seconds)

    def readable(self, place: Place) -> None:
        """There may be something new for those who read this partition."""
        for seat in self._readers.get(place, ()):
            for process in (seat.rightful, *seat.zombies):
                if process is not None and process.actor is not None:
                    self._bench.scheduler.wake(process.actor)

    def look_at_the_clock(self) -> None:
        """Processes look at it several times a second; here they are woken when one was moved."""
        for seat in self.seats:
            for process in (seat.rightful, *seat.zombies):
                if process is not None and process.actor is not None:
                    self._bench.scheduler.wake(process.actor)

    def resting(self) -> Iterable[Owner]:
        """Rightful owners that wait for something to do: what they remember is what they wrote, and they have read all there is."""
        for seat in self.seats:
            process = seat.rightful
            if process is None or process.actor is None or process.actor.held:
                continue
            owner = self.owners[process.name]
            if owner.opened and owner.resting:
                yield owner

    def _displace(self, seat: Seat, process: Process) -> None:
        seat.zombies.append(process)
        seat.outages.down(self._bench.scheduler.us)
        self._later(
            f"{process.name} learns that it lost {seat.name}",
            lambda: self._dismiss(process),
            self._dice.random() * MEMBERSHIP_US / 1e6,
        )

    def _dismiss(self, process: Process) -> None:
        actor = process.actor
        if actor is None or actor.over:
            return
        if actor.held:  # it hears nothing while it is stopped
            self._later(f"{process.name} learns late", lambda: self._dismiss(process), 1.0)
            return
        self._bench.scheduler.end(actor)
        self.over(actor)

    def _refill(self, seat: Seat, last_life: LastLife) -> None:
        if seat.rightful is None:
            self.start(seat, last_life)

    def _resume(self, seat: Seat, process: Process) -> None:
        assert process.actor is not None
        if process.actor.over:
            return
        self._bench.scheduler.let_go(process.actor)
        if process is seat.rightful and self.owners[process.name].opened:
            seat.outages.up(self._bench.scheduler.us)

    def _later(self, name: str, do: Callable[[], None], seconds: float) -> None:
        self._bench.scheduler.spawn(name, once(do), in_us=max(1, int(seconds * 1e6)))
