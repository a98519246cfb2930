"""Does a decision come out the same again? What a case's timeline tells is decided anew, from what was asked and the frozen release."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.reports import ReportBody
from services.rules import coverage, triage
from services.rules.asked_of_coverage import read_asked
from services.rules.asked_of_triage import read_question
from services.rules.coverage import Coverage
from services.rules.promised import promised_again
from services.rules.routing import why_these
from services.rules.triage import Triage

ASKED = "asked"
Fact = Mapping[str, Any]
Find = Callable[[str], Catalogue | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """What was stored, and what comes out now; `none` where there is nothing."""

    what: str
    stored: str
    again: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One stored explanation. `again`: whether it was decided again; `differences` from what was stored, none when it is the same."""

    stored: Explanation
    again: bool = False
    differences: tuple[Difference, ...] = ()


@dataclass(slots=True)
class _Fact:
    """One fact of a timeline being decided again, by the release of its explanations; what was found so far."""

    told: Fact
    catalogue: Catalogue
    triage: Triage | None = None
    coverage: Coverage | None = None
    found: list[Difference] = field(default_factory=list)

    def compare(self, what: str, stored: object, again: object) -> None:
        if stored != again:
            self.found.append(Difference(what, _said(stored), _said(again)))

    def compare_all(self, stored: Explanation, again: Explanation) -> None:
        self.compare("rule", stored.rule, again.rule)
        for name in dict.fromkeys((*stored.inputs, *again.inputs)):
            if name != ASKED:
                self.compare(name, stored.inputs.get(name), again.inputs.get(name))
        for name in dict.fromkeys((*stored.rejected, *again.rejected)):
            self.compare(f"rejected/{name}", stored.rejected.get(name), again.rejected.get(name))


def judge_again(told: Fact, explanations: Iterable[Explanation], find: Find) -> tuple[Judged, ...]:
    """The decisions of one fact (its data as they were written), each with every difference from what was stored."""
    judged: list[Judged] = []
    fact: _Fact | None = None
    for stored in explanations:
        catalogue = find(stored.catalogue)
        again = _AGAIN.get(stored.rule.partition(":")[0])
        if catalogue is None or again is None:
            judged.append(Judged(stored))
            continue
        if fact is None or fact.catalogue is not catalogue:
            fact = _Fact(told, catalogue)
        fact.found = []
        try:
            decided = again(fact, stored)
        except (ValueError, LookupError, TypeError, ValidationError) as unreadable:
            fact.compare(ASKED, "given", f"cannot be read: {type(unreadable).__name__}")
            decided = True
        judged.append(Judged(stored, decided, tuple(fact.found)))
    return tuple(judged)


def _triage(fact: _Fact, stored: Explanation) -> bool:
    told, catalogue = fact.told, fact.catalogue
    question = read_question(stored.inputs[ASKED], catalogue.incidents)
    fact.triage = triage.decide(question, catalogue)
    fact.compare_all(stored, fact.triage.explanation)
    if told.get("facts") is not None and stored.rule.startswith("triage:") and "report_id" in told:
        body = ReportBody.model_validate(told["facts"] | {"personal": told.get("personal", {})})
        opened = triage.triage(body, received_at=datetime.fromisoformat(told["received_at"]), catalogue=catalogue)
        fact.compare(ASKED, stored.inputs[ASKED], opened.explanation.inputs[ASKED])
        for name in ("code", "band", "covert"):
            fact.compare(f"fact/{name}", told.get(name), getattr(opened, name))
    return True


def _coverage(fact: _Fact, stored: Explanation) -> bool:
    fact.coverage = coverage.decide(read_asked(stored.inputs[ASKED]), fact.catalogue)
    fact.compare_all(stored, fact.coverage.explanation)
    if "granted" in fact.told:
        fact.compare("fact/granted", fact.told["granted"], _plain(fact.coverage))
        fact.compare("fact/member", fact.told["member"], fact.coverage.member)
    return True


def _routing(fact: _Fact, stored: Explanation) -> bool:
    if fact.triage is None or fact.coverage is None:
        return False
    fact.compare_all(stored, why_these(fact.triage, fact.coverage, stored.catalogue))
    return True


def _promises(fact: _Fact, stored: Explanation) -> bool:
    again = promised_again(stored, fact.catalogue)
    kept = dict(running(fact.told))
    for name in filter(None, stored.inputs["runs"].split(",")):
        fact.compare(name, kept.get(name), again.get(name))
    for name, told in _OF_THE_TRACK.items():
        if told in fact.told:
            fact.compare(f"fact/{told}", str(fact.told[told]), stored.inputs.get(name))
    return True


def running(told: Fact) -> Iterator[tuple[str, datetime]]:
    """Until when each promise runs, by name, as a fact tells it that carries a `clocks` explanation."""
    for name, due in told.get("promised", {}).items():
        yield name, datetime.fromisoformat(due)
    for clock in told.get("clocks", ()):
        yield clock.get("milestone") or clock["kind"], datetime.fromisoformat(clock["due"])


def _plain(decided: Coverage) -> list[Any]:
    return [one.model_dump(mode="json", exclude_none=True) for one in decided.granted()]


def _said(value: object) -> str:
    if value is None:
        return "none"
    return value.isoformat() if isinstance(value, datetime) else str(value)


_OF_THE_TRACK = {"band": "band", "pillar": "pillar", "desk": "desk_id", "lead": "lead"}
_AGAIN: dict[str, Callable[[_Fact, Explanation], bool]] = {
    "triage": _triage, "retriage": _triage, "coverage": _coverage, "pillars": _routing, "clocks": _promises,
}  # fmt: skip
