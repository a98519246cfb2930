"""Why do a track's promises run until when they do? Told with all they were counted from, so that they can be counted again."""

from datetime import datetime, timedelta

from schemas.base import Explanation
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.words import ClockState
from services.rules.asked_of_promises import asked, read_asked
from services.rules.clocks import effective
from services.rules.promises import promises_of

POLICY, CUT = "clocks:policy", "clocks:attackers_deadline"


def why_promised(case: CaseRecord, track: Track, release: str, *, now: datetime) -> Explanation:
    """What the promises were looked up by, since when each runs and how long it stood still; those that are over count no more."""
    inputs = asked(case, track).told()
    if track.next_contact_at is not None:
        inputs["next_contact_at"] = track.next_contact_at.isoformat()
    if case.cut_at is not None:
        inputs["cut_at"] = case.cut_at.isoformat()
    inputs["since"] = case.received_at.isoformat()
    running = [one for one in track.clocks if one.state is ClockState.RUNNING and one.due > now]
    inputs["runs"] = ",".join([one.name for one in running])
    for clock in running:
        if clock.started_at != case.received_at:
            inputs[f"since.{clock.name}"] = clock.started_at.isoformat()
        if clock.paused:
            inputs[f"paused.{clock.name}"] = str(clock.paused.total_seconds())
    rule = POLICY if case.cut_at is None else CUT
    return Explanation.trusted(rule=rule, catalogue=release, inputs=inputs, rejected={})


def promised_again(why: Explanation, catalogue: Catalogue) -> dict[str, datetime]:
    """Until when each promise runs that `why` counts, by name. Raises `ValueError` or `LookupError` when it cannot be read."""
    said = why.inputs
    cut = datetime.fromisoformat(said["cut_at"]) if "cut_at" in said else None
    contact = datetime.fromisoformat(said["next_contact_at"]) if "next_contact_at" in said else None
    promises = promises_of(read_asked(said), catalogue, next_contact_at=contact)
    found = {}
    for name in said["runs"].split(","):
        if name not in promises:
            continue
        since = datetime.fromisoformat(said.get(f"since.{name}", said["since"]))
        due = promises[name].due(since) + timedelta(seconds=float(said.get(f"paused.{name}", 0)))
        found[name] = effective(due, since=since, cut=cut)
    return found
