"""What pieces say together: waits by band, utilisation, fairness, and whether a P0 waits longer when P2 and P3 come more often."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.words import Band
from tests.desk_sim.piece import Piece

AT_MOST = 1.10  # of the wait at the normal load
JUDGED = (95, 99)  # percentiles


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest of sorted `values` that at least so many percent of them do not exceed."""
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)]


def jain(shares: Collection[float]) -> float:
    """Jain's index of fairness: 1 when all have the same, 1/n when one of n has everything."""
    squares = sum(one * one for one in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


@dataclass(frozen=True, slots=True)
class Arm:
    """All weeks of one policy under one load. `waits` of a band in seconds, sorted; fairness of work per hour on duty, of P0 per night."""

    policy: str
    times: int
    p0_percent: int
    tracks: int
    waits: dict[str, list[float]]
    unaccepted: dict[str, float]
    utilisation: float
    fair_work: float
    fair_nights: float
    handed_over: int
    seconds: float

    def wait(self, band: Band, percent: int) -> float:
        """Seconds from our receipt to the acceptance."""
        return percentile(self.waits[band], percent)


def together(pieces: Iterable[Piece]) -> Arm:
    """The pieces of one arm as one."""
    pieces = list(pieces)
    plan = pieces[0].plan
    worked, paid, nights, night_p0 = (
        _sum(getattr(piece, name) for piece in pieces) for name in ("worked", "paid", "nights", "night_p0")
    )
    return Arm(
        policy=plan["policy"],
        times=plan["times"],
        p0_percent=plan["p0_percent"],
        tracks=sum(piece.tracks for piece in pieces),
        waits={band: sorted(wait for piece in pieces for wait in piece.waits[band]) for band in Band},
        unaccepted=_sum(piece.unaccepted for piece in pieces),
        utilisation=sum(worked.values()) / sum(paid.values()),
        fair_work=jain([worked[who] / hours for who, hours in paid.items() if hours]),
        fair_nights=jain([night_p0[who] / number for who, number in nights.items() if number]),
        handed_over=sum(piece.handed_over for piece in pieces),
        seconds=sum(piece.seconds for piece in pieces),
    )


def _sum(counts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for one in counts:
        for name, value in one.items():
            total[name] += value
    return total


@dataclass(frozen=True, slots=True)
class Compared:
    """The same P0s under the normal load and under `times` as many P2 and P3."""

    usual: Arm
    more: Arm

    def ratio(self, percent: int) -> float:
        """How many times as long a P0 waits."""
        return self.more.wait(Band.P0, percent) / self.usual.wait(Band.P0, percent)

    @property
    def holds(self) -> bool:
        """Whether P0s wait at most a tenth longer."""
        return all(self.ratio(percent) <= AT_MOST for percent in JUDGED)
