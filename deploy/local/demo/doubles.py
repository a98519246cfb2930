"""Was anything done twice? A report in two cases, a case opened twice, a dispatch, fact or notice repeated, two owners of one track."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from deploy.local.demo.arrivals import CASE_EVENTS, Arrivals
from deploy.local.demo.dump import Dump

DISPATCH = r"dispatch\.\w+(\.p0)?"
_ENDS_OWNERSHIP = {"released", "declined", "done", "exhausted"}
# What may differ between two deliveries of one notice: when they came.
_PASSING = {"at", "received_at", "idempotency_key", "sent_at"}


def duplicated(dump: Dump, arrivals: Arrivals) -> dict[str, str]:
    """Everything done twice, by the case, track or notice it happened to, in words."""
    return {
        **_notices(dump),
        **_owners(dump),
        **_dispatches(dump),
        **_facts(dump),
        **_cases(arrivals),
    }


def _cases(arrivals: Arrivals) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair, cases in arrivals.opened.items():
        if len(set(cases)) > 1:
            found[cases[0]] = f"report {pair[1]} of {pair[0]} is attached to {len(set(cases))} cases"
        elif len(cases) > 1:
            found[cases[0]] = f"case {cases[0]} was opened {len(cases)} times"
        elif arrivals.kept(pair) > arrivals.read[pair]:
            found[cases[0]] = (
                f"report {pair[1]} of {pair[0]} was read {arrivals.read[pair]} times"
                f" and accounted for {arrivals.kept(pair)} times"
            )
    return found


def _facts(dump: Dump) -> dict[str, str]:
    """Facts published by transactions carry an id of their own; a second one means that something happened twice."""
    times = Counter(
        (one.topic, one.headers["ce_id"], str(one.data.get("case_id"))) for one in dump.of(CASE_EVENTS + "|progress")
    )
    return {
        case: f"event {identity} of case {case} is {count} times on {topic}"
        for (topic, identity, case), count in times.items()
        if count > 1
    }


def _dispatches(dump: Dump) -> dict[str, str]:
    times = Counter((one.fact, one.data["track_id"], one.data["epoch"]) for one in dump.of(DISPATCH))
    return {
        track: f"track {track} was {fact} {count} times under epoch {epoch}"
        for (fact, track, epoch), count in times.items()
        if count > 1
    }


def _owners(dump: Dump) -> dict[str, str]:
    """Two acceptances of a track with nothing between them that ends the first."""
    found: dict[str, str] = {}
    owner: dict[str, str] = {}
    for one in dump.of("progress"):
        track = one.data["track_id"]
        if one.fact == "accepted":
            responder = one.data["responder_id"]
            if owner.get(track, responder) != responder:
                found[track] = f"track {track} was accepted by {responder} while {owner[track]} had it"
            owner[track] = responder
        elif one.fact in _ENDS_OWNERSHIP:
            owner.pop(track, None)
    return found


def _notices(dump: Dump) -> dict[str, str]:
    issued = ((one.data["notice_id"], one.data) for one in dump.of("notices"))
    received = ((str(one.get("notice_id")), one) for one in dump.received)
    return {
        **_two_contents(issued, "notice {} was issued with two contents"),
        **_two_contents(received, "notice {} was delivered with two contents"),
    }


def _two_contents(notices: Iterable[tuple[str, Mapping[str, Any]]], words: str) -> dict[str, str]:
    first: dict[str, dict[str, Any]] = {}
    found: dict[str, str] = {}
    for identity, content in notices:
        lasting = {name: what for name, what in content.items() if name not in _PASSING}
        if first.setdefault(identity, lasting) != lasting:
            found[identity] = words.format(identity)
    return found
