"""One process's turn at one partition: the promises of `services/runtime/processor`, one yield between any two effects.

Opening fences, restores, stands and proves itself; then deadlines and records in turn, each round one transaction; positions
travel with what they stand for; a record that raises is tried again alone, then rejected.
"""

from collections.abc import Generator
from datetime import datetime
from typing import cast

from pydantic import BaseModel

from schemas.positions import POSITIONS_KEY
from schemas.words import DeadReason
from services.rules.machine import Effects, Machine, Message
from services.runtime.clock import ClockRefused
from services.runtime.processor.exits import HandlerRaised
from services.runtime.processor.flight import FlightRecorder
from services.runtime.processor.outbox import Outbox
from services.runtime.processor.standing import Spot, Standing, verdict
from tests.simulation.bench import Bench, Killed, Raised, Stalled
from tests.simulation.lanes import Inputs, Lane
from tests.simulation.log import Fenced, Producer
from tests.simulation.restoring import can_be_rebuilt, rebuild
from tests.simulation.scheduler import Act, Label, Nap
from tests.simulation.seats import Process, Seat

INPUT_WAIT_US = 200_000
WAITING_NAP_US = 5_000
POSITION_EVERY_US = 60_000_000
STALLED_US = 30_000_000
RETRY_US = 20_000

Doing = Generator[Label | Nap, None, int]


class Owner:
    """The owner of one partition from its opening to the end of its process, or until the partition is opened again."""

    machine: Machine
    producer: Producer
    standing: Standing
    inputs: Inputs

    def __init__(self, seat: Seat, process: Process, bench: Bench) -> None:
        self.seat = seat
        self.process = process
        self.resting = False
        self.opened = False
        self.ended_by: Exception | None = None
        self._bench = bench
        self._seen: datetime | None = None
        self._ends: dict[str, int] = {}
        self._wait_until_us = 0
        self._committed_us = 0
        self._limit = bench.dice.choice((1, 8, 64))

    def life(self) -> Act:
        """Until the process ends of something; opened again when a handler raised."""
        try:
            while True:
                try:
                    yield from self._open()
                    while True:
                        yield from self._round()
                except HandlerRaised as raised:
                    self._mark_open(False)
                    spot = (raised.topic, raised.offset)
                    assert self.process.suspicion.note(spot), f"rejecting {spot} raised"
                    yield ("raised on", *spot)
        except (Fenced, ClockRefused, Killed, Stalled) as problem:
            self._mark_open(False)
            self.ended_by = problem

    def _mark_open(self, opened: bool) -> None:
        self.opened = opened
        if self.process is self.seat.rightful:
            outages = self.seat.outages
            (outages.up if opened else outages.down)(self._bench.scheduler.us)

    # ------------------------------------------------------------------------------------------------------ opening
    def _open(self) -> Act:
        bench, wiring, partition = self._bench, self.seat.wiring, self.seat.partition
        self.producer = bench.log.register(self.seat.name)
        yield "fences whoever was there"
        until = bench.scheduler.us + STALLED_US
        while not can_be_rebuilt(bench.log, wiring, partition):
            if bench.scheduler.us > until:
                raise Stalled
            yield Nap(bench.scheduler.us + RETRY_US, "waits for a transaction to end")
        self.machine = self.seat.make()
        record = rebuild(bench.log, wiring, partition, self.machine, chunk=bench.plan.records_per_fetch)
        yield "is restored"
        topics = [topic.name for tier in wiring.inputs for topic in tier]
        self.standing = Standing(partition, record, {topic: bench.log.start((topic, partition)) for topic in topics})
        ends = {topic: bench.log.end((topic, partition)) for topic in topics}
        for topic, position in self.standing.inputs.items():
            assert bench.log.start((topic, partition)) <= position <= ends[topic], f"{topic}: position outside the log"
        self.standing.open(ends, cast("FlightRecorder | None", self.process.last_life))
        self.process.last_life = None
        self.inputs = Inputs(
            bench.log, wiring, partition, positions=self.standing.inputs, chunk=bench.plan.records_per_fetch,
            committed=bench.habits.reads_committed,
        )  # fmt: skip
        self._seen = None
        append_ms = yield from self._commit(self._sealed(self._outbox()))
        self.process.clock.refuse_if_apart(append_ms)
        self._mark_open(True)
        yield "is open"

    # ------------------------------------------------------------------------------------------------------- rounds
    def _round(self) -> Act:
        fired = yield from self._deadlines_round()
        handled = yield from self._records_round()
        if not (fired or handled):
            self.resting = True
            yield Nap(self._idle_until())
            self.resting = False

    def _idle_until(self) -> int | None:
        now_us = self._bench.scheduler.us
        if self._seen is not None:
            return now_us + WAITING_NAP_US
        due = self.machine.next_due()
        until = [max(now_us + 1_000, self.process.clock.true_us(due))] if due is not None else []
        if any(self.standing.inputs[lane.topic] != lane.position for lane in self.inputs):
            until.append(self._committed_us + POSITION_EVERY_US)
        return min(until, default=None)

    def _deadlines_round(self) -> Generator[Label | Nap, None, bool]:
        due, now = self.machine.next_due(), self.process.clock.now()
        if due is None or due > now:
            self._seen = None
            return False
        now_us = self._bench.scheduler.us
        if self._seen is None or due > self._seen:
            self._ends = self.inputs.ends() if self._bench.habits.reads_stops_first else {}
            self._seen = self.standing.instant(now)
            self._wait_until_us = now_us + INPUT_WAIT_US
        if now_us < self._wait_until_us and not self.inputs.reached(self._ends):
            return False
        effects = self.machine.fire(self._seen, self._limit)
        yield ("fires as of", self._seen)
        if effects.sends or effects.saves:
            outbox = self._outbox()
            outbox.add(effects)
            yield from self._commit(self._sealed(outbox))
        return True

    def _records_round(self) -> Generator[Label | Nap, None, bool]:
        lane = self.inputs.next_lane(only_until_stops=self._seen is not None)
        if lane is None:
            return (yield from self._keep_position())
        outbox = self._outbox()
        spot = (lane.topic, lane.waiting[0].offset)
        if self.process.suspicion.raised or self.standing.alone(spot):
            yield from self._attempt(lane, spot, outbox)
        else:
            yield from self._take(lane, outbox)
        if not self._bench.habits.positions_with_effects:
            yield from self._commit(self._sealed(self._outbox()))
        yield from self._commit(self._sealed(outbox))
        self.standing.committed([lane.topic])
        self.process.suspicion.forget(spot)
        return True

    def _attempt(self, lane: Lane, spot: Spot, outbox: Outbox) -> Act:
        """A record that may raise or end the process: by itself, its attempt counted first."""
        attempts_left = True
        if self.standing.alone(spot):
            attempts_left = self.standing.attempt(spot)
            yield from self._commit(self._sealed(self._outbox()))
        reason = verdict(spot, self.process.suspicion, attempts_left=attempts_left)
        self._one(lane, reason, outbox)
        yield ("handles alone", *spot, reason or "")

    def _take(self, lane: Lane | None, outbox: Outbox) -> Act:
        done = 0
        while lane is not None and not (lane.urgent and done):
            spot = (lane.topic, lane.waiting[0].offset)
            if self.standing.alone(spot):
                return
            self._one(lane, None, outbox)
            done += 1
            yield ("handles", *spot)
            if lane.urgent or done >= self.standing.most(lane.topic, self._bench.plan.records_per_transaction):
                return
            lane = self.inputs.next_lane(only_until_stops=self._seen is not None)

    def _one(self, lane: Lane, reason: DeadReason | None, outbox: Outbox) -> None:
        message = lane.take()
        now = self.standing.instant(self.process.clock.now())
        try:
            outbox.add(self._decide(message, reason, now))
        except Raised as problem:
            raise HandlerRaised(message.topic, message.offset) from problem
        self.standing.passed(lane.topic, lane.position)

    def _decide(self, message: Message, reason: DeadReason | None, now: datetime) -> Effects:
        if reason is not None:
            return self.machine.reject(message, reason, now)
        spot = (message.topic, message.partition, message.offset)
        poison = self._bench.poison.get(spot)
        if poison == "kills":
            raise Killed(spot[::2])
        if poison == "raises" or (poison == "raises once" and self._bench.poison.pop(spot)):
            raise Raised(message.topic, message.offset)
        return self.machine.handle(message, now)

    def _keep_position(self) -> Generator[Label | Nap, None, bool]:
        """Commits positions that moved over markers alone, so that retention never overtakes an idle input's."""
        moved = {lane.topic: lane.position for lane in self.inputs}
        due = self._committed_us + POSITION_EVERY_US <= self._bench.scheduler.us
        if not due or moved == {topic: self.standing.inputs[topic] for topic in moved}:
            return False
        self.standing.inputs.update(moved)
        yield from self._commit(self._sealed(self._outbox()))
        return True

    # ------------------------------------------------------------------------------------------------- transactions
    def _outbox(self) -> Outbox:
        return Outbox(self._bench, self.seat.partition, self._bench.count)

    def _sealed(self, outbox: Outbox) -> Outbox:
        outbox.seal(self.seat.wiring.states[0], POSITIONS_KEY, cast("BaseModel", self.standing.record()))
        return outbox

    def _commit(self, outbox: Outbox) -> Doing:
        """Every batch, then the end of the transaction; the append time of the position. Raises `Fenced`."""
        log, outside = self._bench.log, self._bench.habits.outside_transactions
        append_ms = 0
        apart = abs((self.process.clock.now() - self._bench.scheduler.now()).total_seconds())
        self._bench.ledger.clocks_apart_s = max(apart, self._bench.ledger.clocks_apart_s)
        for topic, partition, batch in outbox.in_order():
            for record in batch.records:
                if topic in outside:
                    log.append(self.seat.name, (topic, partition), record)
                else:
                    append_ms = log.send(self.producer, (topic, partition), record).append_ms
            yield ("writes", topic, partition)
        log.commit(self.producer)
        self._committed_us = self._bench.scheduler.us
        yield "commits"
        return append_ms
