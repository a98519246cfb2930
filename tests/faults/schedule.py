"""Which faults a torture run deals, in which order: drawn from a seed, so that a failing run can be had again."""

import random
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is done to a victim."""

    KILL = "kill -9"
    PAUSE = "SIGSTOP past the session"
    TERM = "SIGTERM"
    JOIN = "join"
    LEAVE = "leave"
    BROKER = "kill -9 of the broker"


@dataclass(frozen=True)
class Blow:
    """One fault: `on_desk` says which of the two services it hits, `victim` draws one of its processes."""

    number: int
    fault: Fault
    on_desk: bool
    victim: int
    pause: float


SHORT = {Fault.KILL: 3, Fault.PAUSE: 1, Fault.TERM: 1, Fault.JOIN: 1, Fault.LEAVE: 1, Fault.BROKER: 1}
FULL = {Fault.KILL: 10, Fault.PAUSE: 5, Fault.TERM: 5, Fault.JOIN: 3, Fault.LEAVE: 2, Fault.BROKER: 3}


def draw(counts: dict[Fault, int], seed: int) -> list[Blow]:
    """The blows in order. A leave follows a join of the same service, whatever else lies between."""
    dice = random.Random(seed)
    faults = [fault for fault, count in counts.items() for _ in range(count)]
    dice.shuffle(faults)
    faults = _joins_before_leaves(faults)
    blows = []
    sides: dict[Fault, list[bool]] = {}
    for number, fault in enumerate(faults):
        on_desk = dice.random() < 0.35
        if fault is Fault.JOIN:
            sides.setdefault(fault, []).append(on_desk)
        if fault is Fault.LEAVE:
            on_desk = sides[Fault.JOIN].pop(0)
        blows.append(Blow(number, fault, on_desk, dice.randrange(1_000), dice.uniform(0.0, 0.8)))
    return blows


def _joins_before_leaves(faults: list[Fault]) -> list[Fault]:
    moves = iter(
        sorted(
            (fault for fault in faults if fault in {Fault.JOIN, Fault.LEAVE}), key=lambda fault: fault is Fault.LEAVE
        )
    )
    return [next(moves) if fault in {Fault.JOIN, Fault.LEAVE} else fault for fault in faults]


def short_of(counts: dict[Fault, int], felt: Counter[Fault]) -> dict[Fault, int]:
    """What is missing to the counts asked for."""
    return {fault: wanted - felt[fault] for fault, wanted in counts.items() if felt[fault] < wanted}
