"""Do the files of a catalogue fit each other? Faults of `programmes.yaml` that only `incidents.yaml` or `sla.yaml` can tell."""

from collections.abc import Iterator

from schemas.catalogue.incidents import Incidents
from schemas.catalogue.programmes import Programmes
from schemas.catalogue.sla import Promises
from schemas.catalogue.terms import SlaOverride
from schemas.words import Band, ClockKind


def faults_of_programmes(programmes: Programmes, incidents: Incidents, sla: Promises) -> Iterator[str]:
    """Path and rule of every fault."""
    codes = incidents.codes
    for name, service in programmes.services.items():
        unknown = [code for code in service.helps if code not in codes] if service.helps != "any" else []
        yield from (f"services/{name}/helps: {code} is no incident code" for code in unknown)
    for code, incident in codes.items():
        for pillar in (incident.lead, *incident.support):
            if not any(one.pillar is pillar and one.is_of_use_for(code) for one in programmes.services.values()):
                yield f"services: nothing {pillar} helps with {code}"
    for name, programme in programmes.programmes.items():
        for number, version in enumerate(programme.versions):
            place = f"programmes/{name}/versions/{number}"
            unknown = [code for code in version.incident_codes if code not in codes]
            yield from (f"{place}/incident_codes: {code} is no incident code" for code in unknown)
            for override in version.sla_overrides:
                if _is_less_strict(override, sla):
                    yield f"{place}/sla_overrides/{override.kind}: P0 may only be stricter"


def _is_less_strict(override: SlaOverride, sla: Promises) -> bool:
    """A clock may be overridden for P0 only downwards (DOMAIN section 8); an override of every band touches P0 too."""
    if override.kind not in ClockKind.__members__.values() or override.band not in (Band.P0, None):
        return False
    kind = ClockKind(override.kind)
    pillars = tuple(sla.matrix[Band.P0]) if override.pillar is None else (override.pillar,)
    return any(override.within > sla.promise(Band.P0, pillar, kind, lead=False) for pillar in pillars)
