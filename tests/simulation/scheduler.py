"""Who goes next? One seeded choice at a time; time passes a little with each, and leaps to the next alarm when nobody has anything to do.

An actor is a generator. It yields what it just did: a label (it would go on at once) or a `Nap` (until an instant, or until it
is woken). Between any two yields of one actor any other may run, and the actor itself may be ended.
"""

import heapq
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TRACED = 400

Label = tuple[object, ...] | str


@dataclass(frozen=True, slots=True)
class Nap:
    """Nothing to do before `until_us` (true time), unless woken; `None`: only when woken."""

    until_us: int | None = None
    why: Label = "waits"


Act = Generator[Label | Nap, None, None]


class Actor:
    """One generator and its place: among the ready, asleep, set aside (`held`), or over."""

    __slots__ = ("act", "alarm_us", "held", "index", "name", "over")

    def __init__(self, name: str, act: Act) -> None:
        self.name = name
        self.act = act
        self.index = -1
        self.alarm_us: int | None = None
        self.held = False
        self.over = False


class Scheduler:
    """Actors and true time (microseconds since 1970). `step` makes one choice; the same seed makes the same choices."""

    def __init__(self, dice: Random, *, start: datetime, step_us: float, sticky: float) -> None:
        self.us = (start - EPOCH) // timedelta(microseconds=1)
        self.steps = 0
        self.trace: deque[tuple[int, int, str, Label]] = deque(maxlen=TRACED)
        self.on_over: Callable[[Actor], None] = lambda _: None
        self._dice = dice
        self._step_us = step_us
        self._sticky = sticky
        self._ready: list[Actor] = []
        self._alarms: list[tuple[int, int, Actor]] = []
        self._number = 0
        self._last: Actor | None = None

    def now(self) -> datetime:
        """True time as an instant."""
        return EPOCH + timedelta(microseconds=self.us)

    def spawn(self, name: str, act: Act, *, in_us: int = 0) -> Actor:
        """Lets an actor begin now, or later."""
        actor = Actor(name, act)
        if in_us > 0:
            self._sleep(actor, self.us + in_us)
        else:
            self._enter(actor)
        return actor

    def wake(self, actor: Actor) -> None:
        """There is something for an actor that sleeps."""
        if not actor.over and not actor.held:
            self._enter(actor)

    def hold(self, actor: Actor) -> None:
        """Sets an actor aside in the middle of whatever it does (SIGSTOP)."""
        actor.held = True
        self._leave(actor)

    def let_go(self, actor: Actor) -> None:
        """Lets a held actor go on."""
        actor.held = False
        self.wake(actor)

    def end(self, actor: Actor) -> None:
        """Ends an actor where it stands (kill -9)."""
        if not actor.over:
            actor.over = True
            self._leave(actor)
            actor.act.close()

    @property
    def idle(self) -> bool:
        """Whether nobody has anything to do now."""
        return not self._ready

    def next_alarm(self) -> int | None:
        """When the next sleeper wakes by itself."""
        while self._alarms and (self._alarms[0][2].over or self._alarms[0][2].alarm_us != self._alarms[0][0]):
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def step(self) -> bool:
        """One choice. False when there is nobody left to wait for."""
        self._ring()
        if not self._ready and not self._leap():
            return False
        self.steps += 1
        actor = self._choose()
        self.us += 1 + int(self._dice.random() * 2 * self._step_us)
        try:
            done = next(actor.act)
        except StopIteration:
            actor.over = True
            self._leave(actor)
            self.trace.append((self.steps, self.us, actor.name, "is over"))
            self.on_over(actor)
            return True
        if isinstance(done, Nap):
            self.trace.append((self.steps, self.us, actor.name, done.why))
            if actor.index >= 0:
                self._leave(actor)
                self._sleep(actor, done.until_us)
        else:
            self.trace.append((self.steps, self.us, actor.name, done))
        return True

    def note(self, who: str, what: Label) -> None:
        """Something worth a line in the trace that no actor did."""
        self.trace.append((self.steps, self.us, who, what))

    def _choose(self) -> Actor:
        last = self._last
        if last is not None and last.index >= 0 and self._dice.random() < self._sticky:
            return last
        self._last = self._ready[int(self._dice.random() * len(self._ready))]
        return self._last

    def _leap(self) -> bool:
        alarm = self.next_alarm()
        if alarm is None:
            return False
        self.us = max(self.us, alarm)
        self._ring()
        return True

    def _ring(self) -> None:
        while self._alarms and self._alarms[0][0] <= self.us:
            due, _, actor = heapq.heappop(self._alarms)
            if actor.alarm_us == due and not actor.over and not actor.held:
                self._enter(actor)

    def _enter(self, actor: Actor) -> None:
        actor.alarm_us = None
        if actor.index < 0:
            actor.index = len(self._ready)
            self._ready.append(actor)

    def _leave(self, actor: Actor) -> None:
        actor.alarm_us = None
        if actor.index >= 0:
            last = self._ready.pop()
            if last is not actor:
                self._ready[actor.index] = last
                last.index = actor.index
            actor.index = -1

    def _sleep(self, actor: Actor, until_us: int | None) -> None:
        if until_us is None:
            return
        actor.alarm_us = until_us
        self._number += 1
        heapq.heappush(self._alarms, (until_us, self._number, actor))
