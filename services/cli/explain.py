"""`sameroof explain CASE`: every decision on a case, in words: which rule, on what, from which catalogue, and who was passed over.

A decision that came out as the one before of its kind is left out, and so is what each was decided on, unless all is asked for.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.cli.stackfile import Stack

AGAIN = {
    "same": "the same",
    "differs": "NOT the same",
    "recorded": "not from here, it is as it was recorded",
    "release_missing": "no, this release is not at hand",
}


BESIDE = frozenset({"asked", "offer"})  # GET /v1/cases/{id}/explanation has what was asked; offers are merely counted


def explain(stack: Stack, case_id: str, *, full: bool = False) -> str:
    """The explanation of a case as text; `full` with every repetition and all inputs."""
    case = stack.get(f"/v1/cases/{case_id}")
    told = stack.get(f"/v1/cases/{case_id}/explanation")
    return "\n".join([*_case(case), "", *_decisions(told, full=full), "", *_tracks(case)])


def _case(case: Mapping[str, Any]) -> Iterator[str]:
    yield f"case {case['case_id']}"
    yield f"  {case['code']}, band {case['band']}, {case['state']}, version {case['version']}, received {case['received_at']}"


def _decisions(told: Mapping[str, Any], *, full: bool) -> Iterator[str]:
    yield f"decided by catalogue {told['catalogue']}"
    before, left_out = dict[tuple[str, str | None], Mapping[str, Any]](), 0
    for decision in told["decisions"]:
        for why in decision["explanations"]:
            kind = (_family(why), decision.get("track_id"))
            last, before[kind] = before.get(kind), why
            if last is not None and _outcome(last) == _outcome(why) and not (full or why["differences"]):
                left_out += 1
            else:
                yield from _decision(decision, why, {} if full or last is None else last["inputs"], full=full)
    if left_out:
        yield f"  {left_out} more came out as the one before of their kind; --full tells all, and what each was decided on"


def _family(why: Mapping[str, Any]) -> str:
    family: str = why["rule"].partition(":")[0]
    return "triage" if family == "retriage" else family


def _outcome(why: Mapping[str, Any]) -> tuple[object, ...]:
    inputs = {name: value for name, value in why["inputs"].items() if name not in BESIDE}
    return why["words"], why["rejected"], why["again"], inputs


def _decision(
    decision: Mapping[str, Any], why: Mapping[str, Any], last: Mapping[str, str], *, full: bool
) -> Iterator[str]:
    """One decision; its inputs if all is asked for, else those that changed since `last`."""
    about = f" (track {decision['track_id']})" if decision.get("track_id") else ""
    yield f"  {decision['at']}  {decision['fact']}{about}: {why['words']}"
    yield f"      rule {why['rule']}"
    for name, value in why["inputs"].items():
        if name != "asked" and (full or (last and name not in BESIDE and last.get(name) != value)):
            yield f"      {name} = {value or 'none'}"
    yield f"      decided again: {AGAIN[why['again']]}"
    for one in why["differences"]:
        yield f"        {one['what']}: stored {one['stored']}, now {one['again']}"


def _tracks(case: Mapping[str, Any]) -> Iterator[str]:
    yield "tracks"
    for track in case["tracks"]:
        owner = track.get("responder_id") or "nobody yet"
        lead = ", lead" if track.get("lead") else ""
        yield f"  {track['pillar']}{lead}: {track['state']} at {track['desk_id']}, {owner}"
        for clock in track.get("clocks", ()):
            yield f"      {clock['kind']}: {clock['state']}, due {clock['due']}"
        for page in track.get("pages", ()):
            seen = page.get("acknowledged_at") or "not yet"
            yield f"      page to {page['recipient']} ({page['reason']}): acknowledged {seen}"
