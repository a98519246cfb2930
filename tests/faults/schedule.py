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
    """The blows in order; joins and leaves alternate, whatever else lies between, so leaves are at most as many as joins."""
    dice = random.Random(seed)
    faults = [fault for fault, count in counts.items() for _ in range(count)]
    dice.shuffle(faults)
    faults = _in_turns(faults)
    blows: list[Blow] = []
    joined = False
    for number, fault in enumerate(faults):
        on_desk = dice.random() < 0.35
        if fault is Fault.JOIN:
            joined = on_desk
        if fault is Fault.LEAVE:
            on_desk = joined
        blows.append(Blow(number, fault, on_desk, dice.randrange(1_000), dice.uniform(0.0, 0.8)))
    return blows


def _in_turns(faults: list[Fault]) -> list[Fault]:
    """Who joined leaves before the next one joins, so that no more processes run than there are partitions."""
    moves = [fault for fault in faults if fault in {Fault.JOIN, Fault.LEAVE}]
    turns = iter([Fault.LEAVE if number % 2 else Fault.JOIN for number in range(len(moves))])
    return [next(turns) if fault in {Fault.JOIN, Fault.LEAVE} else fault for fault in faults]


def short_of(counts: dict[Fault, int], felt: Counter[Fault]) -> dict[Fault, int]:
    """What is missing to the counts asked for."""
    return {fault: wanted - felt[fault] for fault, wanted in counts.items() if felt[fault] < wanted}
