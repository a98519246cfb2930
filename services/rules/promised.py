"""Why do a track's promises run until when they do? Told with all they were counted from, so that they can be counted again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from schemas.base import Explanation
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.catalogue.terms import SlaOverride
from schemas.coverage import GrantedBy
from schemas.words import Band, ClockKind, ClockState, Pillar
from services.rules.clocks import effective
from services.rules.promises import About, promises_of

POLICY, CUT = "clocks:policy", "clocks:attackers_deadline"


def why_promised(case: CaseRecord, track: Track, release: str, *, now: datetime) -> Explanation:
    """What the promises were looked up by, since when each runs and how long it stood still; those that are over count no more."""
    inputs = {
        "band": str(case.band),
        "pillar": str(track.pillar),
        "lead": str(track.lead),
        "desk": track.desk_id,
        "code": case.code,
        "services": ",".join(track.services),
    }
    if given := ",".join(_programmes(case.granted, track.services)):
        inputs["programmes"] = given
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
    services = tuple(one for one in said["services"].split(",") if one)
    runs = said["runs"].split(",")
    about = About(
        band=Band(said["band"]),
        pillar=Pillar(said["pillar"]),
        lead=said["lead"] == "True",
        region=said["desk"].partition("-")[2],
        code=said.get("code", ""),
        services=services,
        overrides=tuple(_overrides(said.get("programmes", ""), catalogue)),
    )
    cut = datetime.fromisoformat(said["cut_at"]) if "cut_at" in said else None
    contact = datetime.fromisoformat(said["next_contact_at"]) if "next_contact_at" in said else None
    found = {}
    for promise in promises_of(about, catalogue):
        if promise.name not in runs:
            continue
        since = datetime.fromisoformat(said.get(f"since.{promise.name}", said["since"]))
        told = replace(promise, by=contact) if promise.kind is ClockKind.NEXT_CONTACT else promise
        due = told.due(since) + timedelta(seconds=float(said.get(f"paused.{promise.name}", 0)))
        found[promise.name] = effective(due, since=since, cut=cut)
    return found


def _programmes(granted: Iterable[GrantedBy], services: Iterable[str]) -> Iterable[str]:
    """The programmes that give a track its services, by name and version."""
    wanted = frozenset(services)
    return (
        f"{one.programme}@{one.version}"
        for one in granted
        if one.programme is not None and not wanted.isdisjoint(one.services)
    )


def _overrides(programmes: str, catalogue: Catalogue) -> Iterable[SlaOverride]:
    for name in filter(None, programmes.split(",")):
        programme, _, number = name.partition("@")
        for version in catalogue.programmes.programmes[programme].versions:
            if version.version == int(number):
                yield from version.sla_overrides
