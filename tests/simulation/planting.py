"""How a bug is planted: something of the product, or a habit of the simulated processor, is replaced for a while."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.simulation.habits import Habits
from tests.simulation.swarm import Plan

Plant = Callable[[Habits], AbstractContextManager[None]]


def anywhere(_: Plan) -> bool:
    """Any world will do."""
    return True


def populated(plan: Plan) -> bool:
    """Desks have people, who answer when they are asked and work on what they took."""
    return plan.responders_per_desk > 1 and plan.attentive_p > 0 and plan.diligent_p > 0


def few(plan: Plan) -> bool:
    """Desks of one or two people who answer and work on what they took: soon nobody is left."""
    return plan.responders_per_desk in (1, 2) and plan.attentive_p > 0 and plan.diligent_p > 0


@dataclass(frozen=True, slots=True)
class Bug:
    """What is wrong, the invariants of which one must notice, and in which worlds it is looked for.

    What it takes to notice a `rare` one seldom comes about: `make planted` plays it, `make test` does not.
    """

    wrong: str
    breaks: frozenset[str]
    plant: Plant
    where: Callable[[Plan], bool] = anywhere
    rare: bool = False


@contextmanager
def replaced(owner: object, name: str, other: object) -> Iterator[None]:
    """`owner.name` is `other` for a while."""
    there = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, there)


def habit(name: str, value: object) -> Plant:
    def plant(habits: Habits) -> AbstractContextManager[None]:
        return replaced(habits, name, value)

    return plant


def patch(name: str, other: Callable[[Any], object], *owners: object) -> Plant:
    """Replaces a function by `other(function)` wherever it is used."""

    @contextmanager
    def plant(_: Habits) -> Iterator[None]:
        with ExitStack() as stack:
            for owner in owners:
                stack.enter_context(replaced(owner, name, other(getattr(owner, name))))
            yield

    return plant


def does_nothing(_: Callable[..., None]) -> Callable[..., None]:
    """Instead of a function that has effects."""
    return lambda *_: None
