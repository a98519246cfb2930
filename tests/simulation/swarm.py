"""What a seed draws before anything happens: how large the world is, how fast it goes, and which faults it suffers how often.

Each kind of fault is absent from about half of the seeds, so that no fault hides behind another (swarm testing).
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from random import Random

FEWEST_STEPS, MOST_STEPS = 800, 4_000
STARTS = (
    datetime(2026, 3, 20, 21, 40, tzinfo=UTC),
    datetime(2026, 3, 28, 23, 30, tzinfo=UTC),  # the night the clocks go forward
    datetime(2026, 10, 24, 23, 30, tzinfo=UTC),  # and back
    datetime(2028, 2, 28, 22, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
)


@dataclass(frozen=True)
class Plan:
    """One seed's world. Counts, seconds (`_s`), probabilities per occasion (`_p`), faults per step (`_rate`)."""

    seed: int
    start: datetime
    steps: int
    household_partitions: int
    desk_partitions: int
    plain_partitions: int
    partners: int
    households: int
    responders_per_desk: int
    regions: int
    hosts: int

    step_us: float
    sticky: float
    gap_s: float
    burst_p: float
    focus_p: float
    bustle_p: float
    lull_p: float
    patience_s: float
    reaction_s: float
    attentive_p: float
    willing_p: float
    diligent_p: float

    records_per_transaction: int
    records_per_batch: int
    records_per_fetch: int
    restart_s: float

    lost_p: float
    twice_p: float
    late_p: float
    late_s: float
    forgets_p: float
    poison_p: float
    killer_p: float
    garbage_p: float

    crash_rate: float
    blackout_rate: float
    pause_rate: float
    takeover_rate: float
    jump_rate: float
    edge_crash_rate: float
    edge_double_rate: float
    compact_rate: float
    audit_rate: float

    skew_s: float
    later: bool

    def shown(self) -> str:
        """Every figure, for whoever has to understand a run."""
        return "  ".join(f"{one.name}={_short(getattr(self, one.name))}" for one in fields(self))


def draw(seed: int) -> Plan:
    """The plan of a seed."""
    dice = Random(f"plan/{seed}")

    def some(low: float, high: float, *, absent: float = 0.5) -> float:
        """Absent from some seeds, else of any order of magnitude between two bounds."""
        there = dice.random() >= absent
        value = _log_uniform(dice, low, high)
        return value if there else 0.0

    gap_s = _log_uniform(dice, 0.02, 1_800)
    reacts_s = min(600.0, gap_s * _log_uniform(dice, 0.5, 30))  # while the faults last somebody is to take something
    return Plan(
        seed=seed,
        start=dice.choice(STARTS) + timedelta(seconds=dice.randrange(7_200)),
        steps=dice.randrange(FEWEST_STEPS, MOST_STEPS),
        household_partitions=dice.choice((1, 2, 2, 3, 4)),
        desk_partitions=dice.choice((1, 1, 2)),
        plain_partitions=dice.choice((1, 2, 3)),
        partners=dice.choice((0, 1, 1, 2)),
        households=dice.choice((1, 3, 6, 12)),
        responders_per_desk=dice.choice((0, 1, 2, 3, 5)),
        regions=dice.choice((1, 1, 2)),
        hosts=dice.choice((2, 3, 4)),
        step_us=_log_uniform(dice, 20, 400),
        sticky=dice.choice((0.0, 0.3, 0.7, 0.9)),
        gap_s=gap_s,
        burst_p=some(0.01, 0.2),
        focus_p=dice.choice((0.0, 0.1, 0.4)),
        bustle_p=dice.choice((0.0, 0.2, 0.6)),
        lull_p=dice.choice((0.0, 0.03, 0.1)),
        patience_s=_log_uniform(dice, 0.3, 30),
        reaction_s=dice.choice((reacts_s, reacts_s, _log_uniform(dice, 0.5, 600))),
        attentive_p=dice.choice((0.0, 0.3, 0.8, 0.95)),
        willing_p=dice.choice((0.5, 0.8, 1.0)),
        diligent_p=dice.choice((0.0, 0.5, 1.0)),
        records_per_transaction=dice.choice((1, 3, 20, 200)),
        records_per_batch=dice.choice((1, 1, 2, 10)),
        records_per_fetch=dice.choice((1, 7, 250)),
        restart_s=_log_uniform(dice, 0.05, 15),
        lost_p=some(0.01, 0.3),
        twice_p=some(0.01, 0.5),
        late_p=some(0.01, 0.5),
        late_s=_log_uniform(dice, 0.1, 7_200),
        forgets_p=some(0.01, 0.3),
        poison_p=some(0.003, 0.1, absent=0.7),
        killer_p=some(0.003, 0.05, absent=0.7),
        garbage_p=some(0.01, 0.2),
        crash_rate=some(0.0005, 0.02, absent=0.3),
        blackout_rate=some(0.0001, 0.002, absent=0.7),
        pause_rate=some(0.0005, 0.01),
        takeover_rate=some(0.0005, 0.02, absent=0.4),
        jump_rate=some(0.0005, 0.01),
        edge_crash_rate=some(0.0005, 0.02),
        edge_double_rate=some(0.0005, 0.01),
        compact_rate=some(0.001, 0.02),
        audit_rate=0.002,
        skew_s=some(0.01, 2.4),
        later=dice.random() < 0.25,
    )


def _log_uniform(dice: Random, low: float, high: float) -> float:
    return float(low * (high / low) ** dice.random())


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
