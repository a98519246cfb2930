"""`sameroof explain CASE`: every decision on a case, in words: which rule, on what, from which catalogue, and who was passed over."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.cli.stackfile import Stack

AGAIN = {
    "same": "the same",
    "differs": "NOT the same",
    "recorded": "not from here, it is as it was recorded",
    "release_missing": "no, this release is not at hand",
}


def explain(stack: Stack, case_id: str) -> str:
    """The explanation of a case as text."""
    case = stack.get(f"/v1/cases/{case_id}")
    told = stack.get(f"/v1/cases/{case_id}/explanation")
    return "\n".join([*_case(case), "", *_decisions(told), "", *_tracks(case)])


def _case(case: Mapping[str, Any]) -> Iterator[str]:
    yield f"case {case['case_id']}"
    yield f"  {case['code']}, band {case['band']}, {case['state']}, version {case['version']}, received {case['received_at']}"


def _decisions(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"decided by catalogue {told['catalogue']}"
    for decision in told["decisions"]:
        about = f" (track {decision['track_id']})" if decision.get("track_id") else ""
        for why in decision["explanations"]:
            yield f"  {decision['at']}  {decision['fact']}{about}: {why['words']}"
            yield f"      rule {why['rule']}"
            for name, value in why["inputs"].items():
                if name != "asked":  # GET /v1/cases/{id}/explanation has it
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
