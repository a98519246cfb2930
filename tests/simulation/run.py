"""One seed from beginning to end: faults and people first, then neither, and what must hold all along and in the end."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from schemas.catalogue import Catalogue
from tests.simulation import faults
from tests.simulation.habits import Habits
from tests.simulation.log import Commit
from tests.simulation.oracle_campaigns import Campaigns
from tests.simulation.oracle_desks import Desks
from tests.simulation.oracle_offers import Offers
from tests.simulation.oracle_once import Once
from tests.simulation.oracle_order import Order
from tests.simulation.oracle_pages import Pages
from tests.simulation.oracle_promises import Promises
from tests.simulation.oracle_reports import Reports
from tests.simulation.oracle_tracks import Tracks
from tests.simulation.owner import Owner
from tests.simulation.restoring import can_be_rebuilt, rebuild
from tests.simulation.scheduler import EPOCH
from tests.simulation.swarm import Plan, draw
from tests.simulation.told import Broken, Told
from tests.simulation.world import World

MOST_STEPS_TO_REST = 40_000
MOST_US_TO_REST = 3 * 86_400 * 1_000_000
MOST_STEPS_LATER = 3_000
LATER_US = 100 * 86_400 * 1_000_000
LOOK_EVERY = 256

Progress = Callable[[int], None]
Planted = Callable[[Habits], AbstractContextManager[None]]


def nothing_planted(_: Habits) -> AbstractContextManager[None]:
    """The product as it is."""
    return nullcontext()


@dataclass(frozen=True)
class Outcome:
    """How a seed went: steps made, what was broken if anything, and the last events before it."""

    seed: int
    steps: int
    until: datetime
    reports: int
    commits: int
    plan: Plan
    broken: Broken | None = None
    trace: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def replay(self) -> str:
        """The one command that has it again."""
        return f"python -m tests.simulation --seed {self.seed} --steps 1"


class Run:
    """One world and its judges."""

    def __init__(self, plan: Plan, catalogue: Catalogue, habits: Habits) -> None:
        self.world = World(plan, catalogue, habits)
        ledger = self.world.ledger
        machines = frozenset(seat.name for seat in self.world.staff.seats)
        self._promises = Promises(ledger, lambda at: (at - EPOCH) // timedelta(microseconds=1))
        self._tracks = Tracks(ledger)
        self._desks = Desks(ledger, catalogue)
        self._judges = (
            Order(), Once(ledger, machines), Reports(ledger, catalogue), self._tracks, Offers(ledger), Pages(),
            Campaigns(ledger), self._desks,
        )  # fmt: skip
        self._dice = Random(f"audits/{plan.seed}")
        self._rows = [(row, row.rate(self.world)) for row in faults.ROWS]
        self._rate = sum(rate for _, rate in self._rows)
        self.commits = 0
        self.world.log.on_commit.append(self._saw)

    def play(self, progress: Progress) -> None:
        """Both phases. Raises `Broken`."""
        world, scheduler = self.world, self.world.scheduler
        while scheduler.steps < world.plan.steps:
            self._step(progress)
            if self._dice.random() < self._rate:
                self._deal()
            if self._dice.random() < world.plan.audit_rate:
                self._audit()
        self._heal()
        steps, until = scheduler.steps + MOST_STEPS_TO_REST, scheduler.us + MOST_US_TO_REST
        while not self._at_rest():
            self._step(progress)
            if scheduler.steps > steps or scheduler.us > until:
                raise Broken(
                    "I15", f"not at rest: {world.people.crowd.waiting} calls, {world.people.open_tracks()[:5]}"
                )
        self._judge()
        if world.plan.later:
            self._later(progress)

    def _later(self, progress: Progress) -> None:
        """What is remembered for a while is forgotten; whoever rebuilds the state after that has the same one."""
        world = self.world
        world.people.crowd.gone = True
        until, steps = world.scheduler.us + LATER_US, world.scheduler.steps + MOST_STEPS_LATER
        while world.scheduler.us < until and world.scheduler.steps < steps and world.scheduler.step():
            progress(world.scheduler.steps)
        for _ in range(len(world.topics)):
            faults.compact(world)
        for owner in world.staff.resting():
            self._compare(owner)

    def _step(self, progress: Progress) -> None:
        scheduler = self.world.scheduler
        scheduler.step()
        if self._news() and scheduler.idle and self.world.log.quiet and self._all_resting():
            self._tracks.quiet()
            self._desks.quiet()
        if scheduler.steps % LOOK_EVERY == 0:
            self._promises.overdue(scheduler.us)
            progress(scheduler.steps)

    def _news(self) -> bool:
        return bool(self._tracks.changed or self._desks.changed)

    def _saw(self, commit: Commit) -> None:
        self.commits += 1
        told = [Told(kept, commit) for kept in commit.records]
        for one in told:
            self.world.ledger.saw(one)
        for judge in self._judges:
            judge.saw(told)
        self._promises.saw(told)

    def _deal(self) -> None:
        ((fault, _),) = self._dice.choices(self._rows, [rate for _, rate in self._rows])
        self.world.scheduler.note("fault", fault.name)
        fault.deal(self.world)

    def _heal(self) -> None:
        """Faults stop: the clocks agree, and nobody is stopped, lost or poisoned any more."""
        world = self.world
        world.scheduler.note("run", "the faults are over")
        for host in world.hosts:
            host.ahead_s = 0.0
        world.staff.look_at_the_clock()
        world.poison.clear()
        world.people.settle_down()

    def _at_rest(self) -> bool:
        """Nobody has anything to do, every call is answered, every partition is owned, and nobody waits for anybody."""
        world = self.world
        if not world.scheduler.idle or world.people.crowd.waiting or world.people.open_tracks():
            return False
        return self._all_resting()

    def _all_resting(self) -> bool:
        return len(list(self.world.staff.resting())) == len(self.world.staff.seats)

    def _judge(self) -> None:
        for judge in self._judges:
            judge.at_rest()
        self._promises.at_rest(self.world.scheduler.us)
        for owner in self.world.staff.resting():
            self._compare(owner)

    def _audit(self) -> None:
        owners = list(self.world.staff.resting())
        if owners:
            self._compare(self._dice.choice(owners))

    def _compare(self, owner: Owner) -> None:
        """I16: whoever rebuilds the partition has the same state, to the byte, in whatever portions the log is read."""
        if not can_be_rebuilt(self.world.log, owner.seat.wiring, owner.seat.partition):
            return
        live = owner.machine.digest()
        for chunk in (1, 50):
            fresh = owner.seat.make()
            rebuild(self.world.log, owner.seat.wiring, owner.seat.partition, fresh, chunk=chunk)
            if fresh.digest() != live:
                raise Broken("I16", f"{owner.process.name} remembers something else than its log")


def run(
    seed: int, catalogue: Catalogue, *, planted: Planted = nothing_planted, progress: Progress = lambda _: None
) -> Outcome:
    """Plays a seed; whatever is broken is in the outcome, with the last events."""
    plan, habits = draw(seed), Habits()
    with planted(habits):
        one = Run(plan, catalogue, habits)
        broken = None
        try:
            one.play(progress)
        except Broken as found:
            broken = found
        except Exception as problem:  # noqa: BLE001 - whatever a machine raises unasked is a bug of the product
            broken = Broken("raised", f"{type(problem).__name__}: {problem}")
            broken.__cause__ = problem
    scheduler = one.world.scheduler
    return Outcome(
        seed=seed,
        steps=scheduler.steps,
        until=scheduler.now(),
        reports=len(one.world.ledger.reports),
        commits=one.commits,
        plan=plan,
        broken=broken,
        trace=tuple(map(_line, scheduler.trace)) if broken else (),
        fingerprint=one.world.log.fingerprint(),
    )


def _line(entry: tuple[int, int, str, object]) -> str:
    step, us, who, what = entry
    at = (EPOCH + timedelta(microseconds=us)).strftime("%d %H:%M:%S.%f")[:-3]
    told = " ".join(str(part) for part in what) if isinstance(what, tuple) else what
    return f"{step:>7} {at} {who:<36} {told}"
