"""Who is asked? Hard constraints first, the same for everybody; then whom the victim knows, the ablest, the freest."""

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from heapq import nsmallest

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.words import Presence
from services.responders.crowd import Crowd, Fit
from services.rules.needs import Needs, level_of, needs_of, speaks

MOST_NAMED = 20
Better = tuple[bool, bool, bool, bool, bool, int, float, datetime, str]
CRITERIA = (
    "language",
    "undisturbed",
    "familiar",
    "reserve_kept",
    "nothing_set_aside",
    "skill",
    "load",
    "longest_idle",
    "name",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search starts from: the track, who may not be asked and why, who of its case's responders is known to the victim."""

    track: DeskTrackRecord
    catalogue: Catalogue
    today: date
    excluded: dict[str, str]
    familiar: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Found:
    """Who to ask, the best first, at which step of the search; `waits`: somebody able is there and has no room."""

    step: int
    who: tuple[ResponderRecord, ...]
    waits: bool
    explanation: Explanation


def search(asked: Asked, crowd: Crowd, wanted: int) -> Found:
    """The best `wanted` for a track, from the step its search has reached on; the next step at once where nobody is able to."""
    last = 0 if asked.track.relieving else len(asked.catalogue.work.search) - 1
    step = min(asked.track.step, last)
    while True:
        found = _at(step, asked, crowd, wanted)
        if found.who or found.waits or step == last:
            return found
        step += 1


def _at(step: int, asked: Asked, crowd: Crowd, wanted: int) -> Found:
    dispatch = asked.track.dispatch
    needs = needs_of(dispatch, step, asked.catalogue)
    fit = crowd.fit(dispatch.desk_id, needs, asked.today)
    free = fit.who & crowd.free(dispatch.desk_id, dispatch.band, needs.presences)
    ranked = nsmallest(
        MOST_NAMED,
        [(better(crowd.responders[who], needs, asked, crowd), who) for who in free if who not in asked.excluded],
    )
    full = {who for who in fit.who & crowd.here(dispatch.desk_id) if who not in free and who not in asked.excluded}
    return Found(
        step=step,
        who=tuple(crowd.responders[who] for _, who in ranked[:wanted]),
        waits=not ranked and bool(full),
        explanation=_explained(asked, step, fit, ranked=ranked, full=len(full), free=len(free)),
    )


def better(one: ResponderRecord, needs: Needs, asked: Asked, crowd: Crowd) -> Better:
    """Sorts the better first: speaks the language, is not interrupted, knows the case, has room without what is kept for a P0, sets
    nothing aside; then skill, room, rest."""
    entry = one.entry
    who, band = entry.responder_id, asked.track.dispatch.band
    level = min((level_of(entry, skill, asked.today) for skill in needs.skills), default=0)
    return (
        not speaks(entry, needs),
        one.presence is not Presence.AVAILABLE,
        who not in asked.familiar,
        crowd.needs_reserve(one, band),
        crowd.must_set_aside(one, band) > 0,
        -level,
        crowd.load[who] / entry.capacity,
        one.idle_since,
        who,
    )


def _explained(
    asked: Asked, step: int, fit: Fit, *, ranked: list[tuple[Better, str]], full: int, free: int
) -> Explanation:
    """By what the first was preferred to the second; the best by name, all others counted by what kept them."""
    dispatch = asked.track.dispatch
    rejected = Counter(fit.lacking)
    rejected.update(why for who, why in asked.excluded.items() if who in fit.who)
    barred = sum(who in fit.who for who in asked.excluded)
    rejected["no_room"] += full
    rejected["not_on_duty"] += max(0, len(fit.who) - barred - full - free)
    inputs = {"band": str(dispatch.band), "desk": dispatch.desk_id, "offer": str(asked.track.offer_number + 1)}
    if step:
        inputs["step"] = str(step)
    if ranked:
        inputs["considered"] = ",".join(who for _, who in ranked)
    rule = "nobody" if not ranked else "only" if len(ranked) == 1 else _preferred(ranked[0][0], ranked[1][0])
    return Explanation(
        rule=f"matching:{rule}",
        catalogue=asked.catalogue.version,
        inputs=inputs,
        rejected={why: count for why, count in sorted(rejected.items()) if count},
    )


def _preferred(first: Better, second: Better) -> str:
    return next(name for name, one, other in zip(CRITERIA, first, second, strict=True) if one != other)
