"""What is simulated: who comes how often, what it takes, how people react. All figures are assumptions (D), none was measured."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from schemas.words import Band

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
DESK = "technical-fr"
P0_PER_HOUR = 15.6  # on average; the hours of a day differ
HOURLY = {7: 1.1, 15: 1.4, 23: 0.5}  # from this hour on, of the average: people report in the evening
P1_PERCENT = 15
P2_OF_THE_REST = 0.55
HANDLING_MINUTES = {Band.P0: (38, 0.5), Band.P1: (25, 0.6), Band.P2: (18, 0.6), Band.P3: (10, 0.6)}  # median, sigma
ANSWER_SECONDS = {Band.P0: (11, 0.6), Band.P1: (25, 0.7), Band.P2: (90, 0.8), Band.P3: (240, 0.9)}  # median, sigma
DECLINES, SILENT = 0.04, 0.03  # of all offers
PEOPLE = {15: 128, 30: 88, 50: 72}  # by the percentage of P0: a normal day keeps them busy for 60 to 75 % of their time


@dataclass(frozen=True, slots=True)
class Plan:
    """One piece: `days` after a first one that is not counted, at one desk. `p0_percent` is the share of P0 on a normal day, `times`
    what P2 and P3 are multiplied by; `policy` shares the work out. Pieces that differ in nothing else have the same people, P0 and P1."""

    policy: str
    p0_percent: int = 15
    times: int = 1
    week: int = 1
    days: float = 7.0
    seed: int = 1

    @property
    def name(self) -> str:
        """Names its result."""
        return f"{self.policy}-{self.p0_percent}p0-{self.times}x-week{self.week}-{self.days:g}d-seed{self.seed}"

    @property
    def same_week(self) -> str:
        """Seeds whatever must be the same in every piece of this week."""
        return f"{self.seed}/{self.p0_percent}/{self.week}"

    @property
    def counted_from(self) -> datetime:
        """Who is received earlier is handled and not counted: the desk begins empty."""
        return BEGIN + timedelta(days=min(1.0, self.days / 7))

    @property
    def until(self) -> datetime:
        """Nobody comes any more."""
        return self.counted_from + timedelta(days=self.days)

    @property
    def people(self) -> int:
        """How many are on the roster; a fifth of them work at any instant, on average."""
        return PEOPLE[self.p0_percent]

    def rate(self, band: Band) -> float:
        """Tracks of a band per hour, on average."""
        rest = 100 - self.p0_percent - P1_PERCENT
        percent = {
            Band.P0: float(self.p0_percent),
            Band.P1: float(P1_PERCENT),
            Band.P2: rest * P2_OF_THE_REST * self.times,
            Band.P3: rest * (1 - P2_OF_THE_REST) * self.times,
        }
        return P0_PER_HOUR * percent[band] / self.p0_percent

    def at(self, times: int) -> Self:
        """The same week under another load."""
        return replace(self, times=times)
