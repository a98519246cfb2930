"""How a bug is planted: something of the product, or a habit of the simulated processor, is replaced for a while."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.simulation.habits import Habits

Plant = Callable[[Habits], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Bug:
    """What is wrong, and the invariants of which one must notice."""

    wrong: str
    breaks: frozenset[str]
    plant: Plant


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
