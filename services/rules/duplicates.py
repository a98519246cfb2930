"""Is this report about something its household already reported? The same typed key within the window; empty answers never match."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.base import Explanation
from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.reports import ReportBody
from schemas.words import LinkKind
from services.rules.ids import short_hash
from services.rules.lifecycle import AT_WORK, ENDED
from services.rules.sides import Side, opposite, side_of

MOST_RELATED = 8


@dataclass(frozen=True, slots=True)
class Judgement:
    """The report's keys; the open case it is a further report of, or the cases it is only related to; and why."""

    keys: tuple[str, ...] = ()
    attach_to: CaseRecord | None = None
    related: tuple[tuple[CaseRecord, LinkKind], ...] = ()
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A report as far as duplicates are concerned."""

    code: str
    body: ReportBody
    side: Side
    covert: bool
    received_at: datetime


def keys_of(code: str, body: ReportBody, catalogue: Catalogue) -> tuple[str, ...]:
    """The typed keys of a report (32 hex digits each): its code and every fact of one line of the catalogue, none of them empty."""
    rules = catalogue.cases.duplicates
    found = []
    for names in rules.keys.get(code, ()):
        values = [_value(body, name, rules.not_telling) for name in names]
        if all(values):
            parts = [part for pair in zip(names, values, strict=True) for part in pair]
            found.append(short_hash("duplicate", str(rules.version), code, *parts))
    return tuple(found)


def judge(told: Told, keys: tuple[str, ...], sharing: Iterable[CaseRecord], catalogue: Catalogue) -> Judgement:
    """What the cases that share a key make of a report. The newest that fits takes it; it stays visible there, never discarded."""
    passed_over: Counter[str] = Counter()
    related: list[tuple[CaseRecord, LinkKind]] = []
    attach_to = None
    for case in sharing:
        reason = _not_the_same(told, case, catalogue)
        if reason is None:
            attach_to = case
            continue
        if not case.covert:  # nobody learns from one case that there is a covert one
            passed_over[reason] += 1
        if reason in {"other_victim", "work_is_done"}:
            related.append((case, LinkKind.RELATED if reason == "other_victim" else LinkKind.REPEATED))
    why = Explanation(
        rule=f"duplicate:{'attached' if attach_to else 'related' if related else 'none'}",
        catalogue=catalogue.version,
        inputs={"code": told.code, "keys": str(len(keys)), "attached_to": attach_to.case_id if attach_to else "none"},
        rejected=dict(passed_over),
    )
    return Judgement(keys, attach_to, tuple(related[-MOST_RELATED:]), why if keys else None)


def _not_the_same(told: Told, case: CaseRecord, catalogue: Catalogue) -> str | None:
    """Why a report that shares a key with `case` is not a further report of it; `None` when it is."""
    latest = case.last_report_at or case.received_at
    if case.state in ENDED and case.merged_into is not None:
        return "merged"
    if told.received_at - latest > catalogue.cases.duplicates.window:
        return "outside_window"
    if told.body.drill is not case.drill:
        return "drill"
    if opposite(told.side, side_of(case)):
        return "opposite_sides"
    if told.covert or case.covert:
        return "covert"
    victim = side_of(case).victim
    if None not in (victim, told.side.victim) and victim != told.side.victim:
        return "other_victim"
    return None if case.state in AT_WORK else "work_is_done"


def _value(body: ReportBody, name: str, not_telling: tuple[str, ...]) -> str:
    """One answer as a part of a key, `""` when it says nothing: missing, blank, `unknown`."""
    places = (vars(body), getattr(body, "facts", {}), getattr(body.personal, "facts", {}))
    raw = next((place[name] for place in places if place.get(name) is not None), "")
    text = " ".join(str(raw).casefold().split())
    return "" if text in not_telling else text
