"""How owners and the log behave. Every default is what the product does; a seeded bug changes one."""

from dataclasses import dataclass


@dataclass(slots=True)
class Habits:
    """Switches of the simulated processor and log; they exist in tests only."""

    fences: bool = True
    reads_committed: bool = True
    reads_stops_first: bool = True
    positions_with_effects: bool = True
    outside_transactions: frozenset[str] = frozenset()
