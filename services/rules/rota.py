"""Who works when? Turns, overrides, swaps and leave of a desk's rota, by the clock on the wall.

A hand-over keeps its local time when the clocks change: at an hour that comes twice it happens the first time, at one that does not
exist at the moment of the jump. So there is never an hour with nobody or with two.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.gaps import GapReason
from schemas.rotas import Layer, Leave, Override, RotaRecord, SwapState, Unit, Weekday

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
_LENGTHS = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: DAY, Unit.WEEKS: timedelta(weeks=1)}
WEEKDAYS = tuple(Weekday)


class Span(NamedTuple):
    """A time in which a layer wants one person: `planned` by turn, `who` works in the end; nobody has a `reason`."""

    layer: str
    begins: datetime
    ends: datetime
    planned: str | None
    who: str | None
    reason: GapReason | None = None


@dataclass(frozen=True, slots=True)
class Substitute:
    """From `begins` to `ends` somebody works instead of somebody else, or of whoever it is."""

    begins: datetime
    ends: datetime
    who: str
    instead_of: str | None


def instant_of(local: datetime, zone: str) -> datetime:
    """The instant (UTC) at which clocks in a zone show a local time: the first of two, or the jump that leaves it out."""
    place = ZoneInfo(zone)
    instant = local.replace(tzinfo=place).astimezone(UTC)
    if instant.astimezone(place).replace(tzinfo=None) == local:
        return instant
    before, offset = local.replace(tzinfo=place, fold=1).astimezone(UTC), instant.astimezone(place).utcoffset()
    after = instant
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        if middle.astimezone(place).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


@lru_cache(maxsize=65_536)
def _hand_over(starts_on: date, hand_over_at: str, zone: str, passed: timedelta) -> datetime:
    return instant_of(datetime.combine(starts_on, time.fromisoformat(hand_over_at)) + passed, zone)


def hand_over(layer: Layer, number: int) -> datetime:
    """When the turn of this number begins (0 is the first)."""
    return _hand_over(layer.starts_on, layer.hand_over_at, layer.zone, number * _length(layer))


def _length(layer: Layer) -> timedelta:
    return layer.every * _LENGTHS[layer.unit]


def turn_at(layer: Layer, at: datetime) -> int:
    """The number of the turn at an instant; negative before the rota starts."""
    first = datetime.combine(layer.starts_on, time.fromisoformat(layer.hand_over_at))
    number = (at.astimezone(ZoneInfo(layer.zone)).replace(tzinfo=None) - first) // _length(layer)
    while hand_over(layer, number + 1) <= at:  # in the hour that comes twice
        number += 1
    while hand_over(layer, number) > at:
        number -= 1
    return number


def spans(rota: RotaRecord, begins: datetime, ends: datetime) -> list[Span]:
    """Every time in which a layer wants somebody and which has a part in `begins` to `ends`; whole, not cut to it."""
    away: dict[str, list[Leave]] = {}
    for one in rota.leave:
        away.setdefault(one.responder_id, []).append(one)
    found: list[Span] = []
    for layer in rota.layers:
        substitutes = list(_substitutes(rota, layer.name))
        for piece in _pieces(layer, begins, ends):
            if not substitutes and piece.planned is not None and piece.planned not in away:
                found.append(piece)
                continue
            found += [one for one in _worked(piece, substitutes, away) if one.begins < ends and one.ends > begins]
    return sorted(found, key=attrgetter("begins", "layer"))


def on_duty(rota: RotaRecord, at: datetime) -> list[Span]:
    """Who works at an instant, or should."""
    return spans(rota, at, at + timedelta(microseconds=1))


def next_change(worked: Iterable[Span], now: datetime, until: datetime) -> datetime:
    """When one of these spans begins or ends next, at the latest `until`."""
    edges = {edge for one in worked for edge in (one.begins, one.ends)}
    return min((edge for edge in edges if now < edge < until), default=until)


def _substitutes(rota: RotaRecord, layer: str) -> Iterator[Substitute]:
    """Swaps first, in the order they were asked; then overrides: a supervisor has the last word."""
    for swap in rota.swaps:
        if swap.layer == layer and swap.state is SwapState.ACCEPTED:
            yield Substitute(swap.begins, swap.ends, swap.asked_of, swap.asked_by)
            if swap.in_return is not None:
                yield Substitute(swap.in_return.begins, swap.in_return.ends, swap.asked_by, swap.asked_of)
    for one in rota.overrides:
        if one.layer == layer:
            yield _as_substitute(one)


def _as_substitute(one: Override) -> Substitute:
    return Substitute(one.begins, one.ends, one.who, one.instead_of)


def _pieces(layer: Layer, begins: datetime, ends: datetime) -> Iterator[Span]:
    """Turns of a layer, cut to its windows."""
    number, people, length = max(0, turn_at(layer, begins)), layer.people, _length(layer)
    begins_at = partial(_hand_over, layer.starts_on, layer.hand_over_at, layer.zone)
    start = begins_at(number * length)
    open_ = deque(_windows(layer, min(start, begins), ends)) if layer.windows else None
    while start < ends:
        end = begins_at((number + 1) * length)
        planned = people[number % len(people)] if people else None
        if open_ is not None:
            while open_ and open_[0][1] <= start:
                open_.popleft()
            for opens, closes in open_:
                if opens >= end:
                    break
                if max(opens, start, begins) < min(closes, end, ends):
                    yield Span(layer.name, max(opens, start), min(closes, end), planned, planned)
        elif start < end:
            yield Span(layer.name, start, end, planned, planned)
        start, number = end, number + 1


def _windows(layer: Layer, begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The times at which a layer is staffed, around `begins` to `ends`, joined where they overlap."""
    zone = ZoneInfo(layer.zone)
    day, last = begins.astimezone(zone).date() - 2 * DAY, ends.astimezone(zone).date() + DAY
    times: list[tuple[datetime, datetime]] = []
    while day <= last:
        weekday = WEEKDAYS[day.weekday()]
        times += [_on(day, one.begins, one.ends, layer.zone) for one in layer.windows if weekday in one.days]
        day += DAY
    joined: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(times):
        if joined and opens < joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], closes)
        elif opens < closes:
            joined.append((opens, closes))
    yield from joined


@lru_cache(maxsize=65_536)
def _on(day: date, begins: str, ends: str, zone: str) -> tuple[datetime, datetime]:
    opens, closes = time.fromisoformat(begins), time.fromisoformat(ends)
    until = day if closes > opens else day + DAY
    return instant_of(datetime.combine(day, opens), zone), instant_of(datetime.combine(until, closes), zone)


def _worked(piece: Span, substitutes: Sequence[Substitute], away: dict[str, list[Leave]]) -> Iterator[Span]:
    """A turn as it is worked: cut where somebody else takes over or is on leave, alike neighbours joined."""
    concerned = [one for one in substitutes if one.begins < piece.ends and one.ends > piece.begins]
    people = {one.who for one in concerned} | {piece.planned}
    leave = [one for who in people if who is not None for one in away.get(who, ())]
    cuts = {piece.begins, piece.ends}
    for times in (*((one.begins, one.ends) for one in concerned), *((one.begins, one.ends) for one in leave)):
        cuts |= {edge for edge in times if piece.begins < edge < piece.ends}
    joined: Span | None = None
    for start, end in pairwise(sorted(cuts)):
        part = _stands(piece._replace(begins=start, ends=end), concerned, leave)
        if joined is not None and (joined.who, joined.reason) == (part.who, part.reason):
            joined = joined._replace(ends=end)
            continue
        if joined is not None:
            yield joined
        joined = part
    if joined is not None:
        yield joined


def _stands(part: Span, substitutes: Iterable[Substitute], leave: Iterable[Leave]) -> Span:
    who = part.planned
    for one in substitutes:
        if one.begins <= part.begins < one.ends and one.instead_of in (None, who):
            who = one.who
    if who is None:
        return part._replace(who=None, reason=GapReason.NOBODY_PLANNED)
    if any(one.responder_id == who and one.begins <= part.begins < one.ends for one in leave):
        return part._replace(who=None, reason=GapReason.ON_LEAVE)
    return part._replace(who=who)
