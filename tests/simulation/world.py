"""Everything of one run: the log, the machines' owners, the edges, the people, and what may happen to them."""

from functools import partial
from random import Random

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.topics import Sizing, every_topic
from schemas.words import Pillar
from services.responders.machine import DesksMachine
from services.responders.machine import wiring as desk_wiring
from services.router.machine import WIRING, RouterMachine
from tests.simulation.bench import Bench
from tests.simulation.crowd import Crowd
from tests.simulation.doors import edges_of
from tests.simulation.edges import Edges
from tests.simulation.habits import Habits
from tests.simulation.hosts import hosts_of
from tests.simulation.ledger import Ledger
from tests.simulation.log import Commit, Kept, Log, Place
from tests.simulation.people import People
from tests.simulation.releases import releases_of
from tests.simulation.scheduler import Act, Nap, Scheduler
from tests.simulation.seats import Outages, Seat
from tests.simulation.staff import Staff
from tests.simulation.swarm import Plan
from tests.simulation.wires import Wires

LANES = frozenset({topics.INCIDENTS.name, topics.INCIDENTS_P0.name})


class World:
    """Built from a plan; nothing has happened yet."""

    def __init__(self, plan: Plan, catalogue: Catalogue, habits: Habits) -> None:
        self.plan = plan
        self.dice = Random(f"faults/{plan.seed}")
        self._catalogue = catalogue
        self.scheduler = Scheduler(
            Random(f"order/{plan.seed}"), start=plan.start, step_us=plan.step_us, sticky=plan.sticky
        )
        partners = tuple(f"telco-{number}" for number in range(plan.partners))
        self.topics = {topic.name: topic for topic in every_topic(partners)}
        self.log = Log(
            {name: self._count(topic.sizing) for name, topic in self.topics.items()},
            now_us=lambda: self.scheduler.us, broker_ms=self.broker_ms, fences=habits.fences,
        )  # fmt: skip
        self.hosts = hosts_of(plan.hosts, self.scheduler, self.dice, plan.skew_s)
        self.ledger = Ledger(now=self.scheduler.now, outage_us=self._outage_us, readable_since=self.log.readable_since)
        self.poison: dict[tuple[str, int, int], str] = {}
        self.log.on_commit.append(self._poison)
        self.people = People(self._crowd(partners), plan, Random(f"people/{plan.seed}"))
        owners_dice = Random(f"owners/{plan.seed}")
        bench = Bench(self.log, self._count, self.scheduler, habits, owners_dice, plan, self.poison, self.ledger)
        self.staff = Staff(bench, self._seats(), self.hosts, dice=self.dice, restart_s=plan.restart_s)
        edges = edges_of(partners, catalogue, self.log, self.people)
        self.edges = Edges(edges, self.log, self.scheduler, hosts=self.hosts, dice=self.dice)
        self.log.on_readable = self._readable
        self.scheduler.on_over = self.staff.over
        self._broker = self.scheduler.spawn("the broker's patience", self._expiring())
        self.log.on_begin = self._begun

    def broker_ms(self) -> int:
        """The broker's clock: true time here; the others are apart from it."""
        return self.scheduler.us // 1_000

    def hit(self, seat: Seat) -> None:
        """A crash planned earlier, unless the faults are over by now."""
        if not self.people.crowd.calm:
            self.staff.crash(seat)

    def _count(self, sizing: Sizing) -> int:
        plan = self.plan
        counts = {Sizing.HOUSEHOLD: plan.household_partitions, Sizing.DESK: plan.desk_partitions}
        return counts.get(sizing, plan.plain_partitions)

    def _crowd(self, partners: tuple[str, ...]) -> Crowd:
        plan, regions = self.plan, tuple(self._catalogue.desks.regions)
        staffed = regions[-plan.regions :]
        names = range(plan.responders_per_desk)
        return Crowd(
            ledger=self.ledger,
            wires=Wires(self.log, self.scheduler, plan, Random(f"wires/{plan.seed}")),
            scheduler=self.scheduler,
            catalogue=self._catalogue,
            hosts=self.hosts,
            dice=Random(f"crowd/{plan.seed}"),
            partners=partners,
            households=tuple(f"household-{number}" for number in range(plan.households)),
            responders={
                f"{pillar}-{region}": [f"{pillar}-{region}-{number}" for number in names if region in staffed]
                for pillar in Pillar
                for region in regions
            },
        )

    def _seats(self) -> list[Seat]:
        plan, catalogue, now = self.plan, self._catalogue, self.scheduler.us
        releases = releases_of(catalogue)
        seats = [
            Seat(WIRING, number, partial(RouterMachine, catalogue, releases), Outages(now))
            for number in range(plan.household_partitions)
        ]
        for pillar in Pillar:
            seats += [
                Seat(desk_wiring(pillar), number, partial(DesksMachine, pillar, catalogue, releases), Outages(now))
                for number in range(plan.desk_partitions)
            ]
        return seats

    def _outage_us(self, group: str, partition: int, begin_us: int, end_us: int) -> int:
        for seat in self.staff.seats:
            if (seat.wiring.group, seat.partition) == (group, partition):
                return seat.outages.within(begin_us, end_us)
        raise KeyError(group)

    def _readable(self, place: Place) -> None:
        self.staff.readable(place)
        self.edges.readable(place)

    def _begun(self) -> None:
        if self._broker.alarm_us is None:
            self.scheduler.wake(self._broker)

    def _expiring(self) -> Act:
        while True:
            yield Nap(self.log.expire(), "looks for transactions left open")

    def _poison(self, commit: Commit) -> None:
        """Now and then a report that raises, or ends the process: once, or each time."""
        if not self.people.crowd.calm:
            for kept in commit.records:
                if kept.topic in LANES:
                    self._draw_poison(kept)

    def _draw_poison(self, kept: Kept) -> None:
        place = (kept.topic, kept.partition, kept.offset)
        if self.dice.random() < self.plan.poison_p:
            self.poison[place] = self.dice.choice(("raises", "raises once"))
        elif self.dice.random() < self.plan.killer_p:
            self.poison[place] = "kills"
        else:
            return
        self.ledger.poisoned.add(place)
