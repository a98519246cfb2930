"""Do the programmes fit the rest of the catalogue: incidents, promises, referrals?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from schemas.catalogue.parts import Apart, Untrue
from schemas.catalogue.terms import SlaOverride
from schemas.words import Band, ClockKind

if TYPE_CHECKING:
    from schemas.catalogue.release import Catalogue


def misfits(catalogue: "Catalogue") -> Iterator[Apart | Untrue]:
    """Every name of a programme that no other file knows, every pillar nobody helps with, every promise that would make P0 slower."""
    for fault in (*_services(catalogue), *_referrals(catalogue), *_versions(catalogue)):
        yield Apart(fault, file="programmes")
    for broken in (*_helpless(catalogue), *_slower(catalogue)):
        yield Untrue(broken, file="programmes")
    services = catalogue.programmes.services
    for part, milestones in (("milestones", catalogue.sla.milestones), ("overrides", catalogue.sla.overrides)):
        for name, milestone in milestones.items():
            if milestone.code is not None:
                if milestone.code not in catalogue.incidents.codes:
                    yield Apart(f"{part}/{name}: {milestone.code} is no incident code", file="sla")
            elif milestone.service not in services or services[milestone.service].pillar is not milestone.pillar:
                yield Apart(f"{part}/{name}: {milestone.service} is no service of {milestone.pillar}", file="sla")


def _services(catalogue: "Catalogue") -> Iterator[str]:
    codes = catalogue.incidents.codes
    for name, service in catalogue.programmes.services.items():
        unknown = [code for code in service.helps if code not in codes] if service.helps != "any" else []
        yield from (f"services/{name}/helps: {code} is no incident code" for code in unknown)


def _helpless(catalogue: "Catalogue") -> Iterator[str]:
    codes, services = catalogue.incidents.codes, catalogue.programmes.services
    for code, incident in codes.items():
        for pillar in (incident.lead, *incident.support):
            if not any(one.pillar is pillar and one.is_of_use_for(code) for one in services.values()):
                yield f"services: nothing {pillar} helps with {code}"


def _referrals(catalogue: "Catalogue") -> Iterator[str]:
    path = catalogue.programmes.public_path
    named = [key for keys in path.pillars.values() for key in keys]
    for key in dict.fromkeys((*named, *path.for_minors, path.always_open)):
        if key not in catalogue.referrals.keys:
            yield f"public_path: {key} is no key of referrals"


def _versions(catalogue: "Catalogue") -> Iterator[str]:
    for name, programme in catalogue.programmes.programmes.items():
        for number, version in enumerate(programme.versions):
            place = f"programmes/{name}/versions/{number}"
            unknown = [code for code in version.incident_codes if code not in catalogue.incidents.codes]
            yield from (f"{place}/incident_codes: {code} is no incident code" for code in unknown)
            known = {*ClockKind, *catalogue.sla.milestones, *catalogue.sla.overrides}
            strange = [one.kind for one in version.sla_overrides if one.kind not in known]
            yield from (f"{place}/sla_overrides/{kind}: is no clock and no milestone" for kind in strange)


def _slower(catalogue: "Catalogue") -> Iterator[str]:
    for name, programme in catalogue.programmes.programmes.items():
        for number, version in enumerate(programme.versions):
            for override in version.sla_overrides:
                if _is_slower_in_p0(override, catalogue):
                    place = f"programmes/{name}/versions/{number}/sla_overrides/{override.kind}"
                    yield f"{place}: P0 may only be stricter"


def _is_slower_in_p0(override: SlaOverride, catalogue: "Catalogue") -> bool:
    """A clock may be overridden for P0 only downwards (DOMAIN section 8); an override of every band touches P0 too."""
    sla = catalogue.sla
    if override.kind not in ClockKind.__members__.values() or override.band not in (Band.P0, None):
        return False
    kind = ClockKind(override.kind)
    pillars = tuple(sla.matrix[Band.P0]) if override.pillar is None else (override.pillar,)
    return any(override.within > sla.promise(Band.P0, pillar, kind, lead=False) for pillar in pillars)
