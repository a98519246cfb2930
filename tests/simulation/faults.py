"""What goes wrong: one row per kind of fault, its rate drawn by the seed. None of them lasts into the second phase of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.topics import Cleanup
from services.runtime.partitioning import partition_of
from tests.simulation.acts_of_desks import at_the_last_moment
from tests.simulation.staff import once

if TYPE_CHECKING:
    from tests.simulation.world import World

TOMBSTONES_MS = 7 * 86_400_000
FAR_S, NEAR_S = 3_600.0, 20.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`rate(plan)` is how often it is dealt, per step."""

    name: str
    rate: Callable[["World"], float]
    deal: Callable[["World"], None]


def crash(world: "World") -> None:
    """An owner dies where it stands."""
    world.staff.crash(world.dice.choice(world.staff.seats))


def blackout(world: "World") -> None:
    """All owners of one group die at once."""
    group = world.dice.choice(world.staff.seats).wiring.group
    for seat in world.staff.seats:
        if seat.wiring.group == group:
            world.staff.crash(seat)


def pause(world: "World") -> None:
    """An owner is stopped for a while and keeps its seat: shorter than its session, or longer than its transaction may last."""
    world.staff.pause(world.dice.choice(world.staff.seats), world.dice.choice((0.1, 2.0, 15.0)))


def takeover(world: "World") -> None:
    """A partition goes to another process; the old one may be stopped in the middle of something, and go on later."""
    seat = world.dice.choice(world.staff.seats)
    if world.dice.random() < 0.6:
        world.staff.pause(seat, world.dice.choice((0.01, 0.5, 5.0, 40.0)))
    world.staff.start(seat)


def crash_at_deadline(world: "World") -> None:
    """The owner of the next promise to fail dies within a blink of that instant, perhaps while somebody keeps it."""
    found = world.ledger.next_due(world.scheduler.now())
    if found is None:
        return
    if world.dice.random() < 0.5:
        at_the_last_moment(world.people.crowd)
    seconds = (found.due - world.scheduler.now()).total_seconds() + world.dice.uniform(-0.5, 0.05)
    partition = partition_of(found.household_id, world.plan.household_partitions)
    (seat,) = (seat for seat in world.staff.seats if (seat.wiring.group, seat.partition) == ("router", partition))
    world.scheduler.spawn(
        f"{seat.name} dies at a deadline", once(lambda: world.hit(seat)), in_us=max(1, int(seconds * 1e6))
    )


def clock_jump(world: "World") -> None:
    """A machine's wall clock is moved, far or near; near ones may come back."""
    host = world.dice.choice(world.hosts)
    far = world.dice.random() < 0.1
    host.ahead_s += world.dice.uniform(-1, 1) * (FAR_S if far else NEAR_S)
    if world.dice.random() < 0.6:
        host.ahead_s = world.dice.uniform(-1, 1) * world.plan.skew_s
    world.staff.look_at_the_clock()


def edge_crash(world: "World") -> None:
    """An edge dies between passing on and settling."""
    if world.edges.edges:
        world.edges.crash(world.dice.choice(world.edges.edges))


def edge_double(world: "World") -> None:
    """Two processes of an edge read the same partition for a while."""
    if world.edges.edges:
        world.edges.rebalance(world.dice.choice(world.edges.edges))


def compact(world: "World") -> None:
    """The broker cleans up: superseded records of a changelog, or the old beginning of a log."""
    topic = world.dice.choice(list(world.topics.values()))
    for place in world.log.places([topic.name]):
        if topic.cleanup is Cleanup.COMPACT:
            world.log.compact(place, keep_tombstones_since_ms=world.broker_ms() - TOMBSTONES_MS)
        elif topic.retention is not None:
            world.log.retain(place, since_ms=world.broker_ms() - int(topic.retention.total_seconds() * 1000))


ROWS = (
    Fault("crash", lambda world: world.plan.crash_rate, crash),
    Fault("crash at a deadline", lambda world: world.plan.crash_rate, crash_at_deadline),
    Fault("blackout", lambda world: world.plan.blackout_rate, blackout),
    Fault("pause", lambda world: world.plan.pause_rate, pause),
    Fault("takeover", lambda world: world.plan.takeover_rate, takeover),
    Fault("clock jump", lambda world: world.plan.jump_rate, clock_jump),
    Fault("edge crash", lambda world: world.plan.edge_crash_rate, edge_crash),
    Fault("edge double", lambda world: world.plan.edge_double_rate, edge_double),
    Fault("compaction", lambda world: world.plan.compact_rate, compact),
)
