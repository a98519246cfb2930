"""Why is it so urgent? One reason per rule that holds; and what a human has set aside."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.words import Band, Signal


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that holds: it demands at least `band`, or (`None`) one band more. `inputs`: the answers, signals and codes it read."""

    rule: str
    band: Band | None
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a human decided on an open case: signals closed, rules overruled by lowering; it holds until an input has `changed`."""

    closed: frozenset[Signal] = frozenset()
    overruled: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()

    def silences(self, reason: Reason) -> bool:
        """Whether a human has overruled this reason and nothing new speaks for it."""
        return reason.rule in self.overruled and self.changed.isdisjoint(reason.inputs)

    def keeps_closed(self, signal: Signal, inputs: Iterable[str]) -> bool:
        """Whether a human has closed this signal and nothing new speaks for it."""
        return signal in self.closed and self.changed.isdisjoint(inputs)


NOTHING_SETTLED = Settled()
