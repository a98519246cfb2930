"""How many calls may one token subject make? A token bucket each; reports that mean P0 are never counted."""

from collections import OrderedDict
from dataclasses import dataclass

SUBJECTS_AT_MOST = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limits:
    """`burst` calls at once, `per_second` after that. Instants are seconds of one monotonic clock."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, subject: str, now: float) -> float:
        """Counts one call: 0 when it may go on, else the seconds until one may."""
        bucket = self._buckets.pop(subject, None) or _Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        wait = 0.0 if bucket.left >= 1 else (1 - bucket.left) / self._per_second
        bucket.left -= 0.0 if wait else 1.0
        self._buckets[subject] = bucket
        if len(self._buckets) > SUBJECTS_AT_MOST:
            self._buckets.popitem(last=False)
        return wait
