"""A case's facts as its readers are shown them: sealed notes lose their text, decisions keep their explanation."""

import json
from collections.abc import Iterable
from typing import Any, Literal

from schemas.base import Actor, Explanation
from schemas.case_events import CASE_EVENTS
from schemas.case_facts import case_type
from schemas.catalogue import Releases
from schemas.words import Band, Pillar
from services.intake.access import reads_notes_of
from services.intake.case_queries import EventFound
from services.intake.views import Decision, DifferenceView, Explained, NoteView, TimelineEntry
from services.rules import recorded
from services.rules.again import Fact, Judged, judge_again
from services.rules.in_words import in_words

NOTED = case_type("noted")
TOLD = (case_type("opened"), case_type("report_attached"), case_type("updated"))
EXPLAINED = tuple(
    name
    for name, fact in CASE_EVENTS.items()
    if {"explanation", "explanations"} & fact.model_fields.keys() or name in map(case_type, recorded.FACTS)
)
BESIDE = frozenset({"case_id", "household_id", "version", "at", "actor"})


def entry_of(event: EventFound, *, reader: Pillar | None) -> TimelineEntry:
    """One line of the timeline for a responder of `reader`, or for agents and supervisors (`None`)."""
    fact = event.type.rpartition(".")[2]
    told = _told(event)
    sealed = fact == "noted" and not reads_notes_of(_pillar(told), reader)
    hidden = BESIDE | {"personal"} if sealed else BESIDE
    return TimelineEntry(
        id=event.id,
        fact=fact,
        at=told["at"],
        actor=Actor.model_validate(told["actor"]),
        version=told["version"],
        sealed=sealed,
        data={name: content for name, content in told.items() if name not in hidden},
    )


def decisions_of(events: Iterable[EventFound], releases: Releases, *, pinned: str) -> tuple[Decision, ...]:
    """The facts that carry an explanation, each decided again; and what a human decided, or the clock, on a case `pinned` to a
    release, as it was recorded."""
    found, before = list[Decision](), None
    for event in events:
        told, fact = _told(event), event.type.rpartition(".")[2]
        given = told.get("explanations") or [one for one in [told.get("explanation")] if one]
        judged = judge_again(told, [Explanation.model_validate(one) for one in given], releases.find)
        explained = [_explained(one, told, releases) for one in judged]
        words = recorded.recorded(fact, told, before=before)
        if words is not None:
            explained.append(_recorded(fact, told, words, pinned))
        if explained:
            found.append(
                Decision(at=told["at"], fact=fact, track_id=told.get("track_id"), explanations=tuple(explained))
            )
        before = Band(told["band"]) if "band" in told else before
    return tuple(found)


def _recorded(fact: str, told: Fact, words: str, pinned: str) -> Explained:
    inputs = recorded.inputs_of(told)
    return Explained(
        rule=f"recorded:{fact}", catalogue=pinned, inputs=inputs, rejected={}, words=words, again="recorded"
    )


def _explained(judged: Judged, told: Fact, releases: Releases) -> Explained:
    stored = judged.stored
    again: Literal["same", "differs", "recorded", "release_missing"] = "differs" if judged.differences else "same"
    if not judged.again:
        again = "recorded" if releases.find(stored.catalogue) else "release_missing"
    return Explained(
        rule=stored.rule,
        catalogue=stored.catalogue,
        inputs=stored.inputs,
        rejected=stored.rejected,
        words=in_words(stored, told, releases.find(stored.catalogue)),
        again=again,
        differences=tuple(
            DifferenceView(what=one.what, stored=one.stored, again=one.again) for one in judged.differences
        ),
    )


def notes_for(events: Iterable[EventFound], reader: Pillar) -> tuple[NoteView, ...]:
    """The notes a responder of `reader` may see."""
    return tuple(
        NoteView(at=told["at"], actor=Actor.model_validate(told["actor"]), text=told["personal"]["text"])
        for event, told in ((one, _told(one)) for one in events)
        if event.type.endswith(".noted") and reads_notes_of(_pillar(told), reader)
    )


def told_by(events: Iterable[EventFound]) -> tuple[dict[str, Any], ...]:
    """What the reports of a case said, in the victim's words."""
    parts = [_told(one).get("personal") for one in events if one.type in TOLD]
    return tuple(part for part in parts if part)


def _told(event: EventFound) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(event.value)
    return told


def _pillar(told: dict[str, Any]) -> Pillar | None:
    name = told.get("pillar")
    return None if name is None else Pillar(name)
