"""Which services may this household use for this harm, through which programme, up to how much, and where else can they turn?
P0 and the safety floor are given whatever the answer; money is never given by default (DOMAIN sections 2 and 4)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.coverage import Effect, GrantedBy, NotCovered
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Band, Pillar, Signal
from services.rules.asked_of_coverage import Asked, asked
from services.rules.holdings import Standing, stand
from services.rules.public_path import public_path
from services.rules.richest import Grant, Refused, granted_by_programmes

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Coverage:
    """The decision. `member`: somebody holds a programme in force for the victim, whatever happened; `programme` (with its
    `version`) gives most of what is granted. `open_pillars`, the lead first, get a desk; `referred` ones are served by others.
    Amounts inside `grants` are what the programme says: nothing here promises money."""

    known: bool
    member: bool
    programme: str | None
    version: int | None
    grants: tuple[Grant, ...]
    refusals: tuple[Refused, ...]
    open_pillars: tuple[Pillar, ...]
    referred: tuple[Pillar, ...]
    public_path: tuple[str, ...]
    explanation: Explanation

    def services_of(self, pillar: Pillar) -> tuple[str, ...]:
        """What a pillar's track may use."""
        return tuple(one.service for one in self.grants if one.pillar is pillar)

    def granted(self) -> tuple[GrantedBy, ...]:
        """The grants as a case keeps them: services given alike together."""
        alike: dict[tuple[str | None, int | None, Effect], list[str]] = {}
        for one in self.grants:
            alike.setdefault((one.programme, one.version, one.effect), []).append(one.service)
        return tuple(
            GrantedBy(programme=programme, version=version, effect=effect, services=tuple(services))
            for (programme, version, effect), services in alike.items()
        )


def cover(
    household: HouseholdBody | None,
    facts: ReportBody,
    *,
    codes: Sequence[str],
    band: Band,
    signals: Sequence[Signal],
    pillars: Sequence[Pillar],
    received_at: datetime,
    catalogue: Catalogue,
) -> Coverage:
    """The coverage of one case. `household` none: nobody knows it (yet); `pillars` are those concerned, the lead first."""
    question = asked(
        household,
        facts,
        codes=codes,
        band=band,
        signals=signals,
        pillars=pillars,
        received_at=received_at,
        catalogue=catalogue,
    )
    return decide(question, catalogue)


def decide(question: Asked, catalogue: Catalogue) -> Coverage:
    """The same, from what was asked alone: deciding again from an explanation gives the same answer."""
    programmes = catalogue.programmes
    standings = [stand(one, question, programmes) for one in question.holdings]
    given, poorer = granted_by_programmes(standings, question, programmes)
    grants = _ordered([*given, *_advice(standings, given, question, catalogue)], catalogue)
    grants = _ordered([*grants, *_floor(grants, question, catalogue)], catalogue)
    refusals = (*_refused(standings), *poorer)
    open_pillars = _open(grants, question)
    covered = {one.pillar for one in grants if one.programme is not None}
    main = Counter((one.programme, one.version) for one in grants if one.programme is not None).most_common(1)
    programme, version = main[0][0] if main else _first_held(standings)
    path = public_path(question, [pillar for pillar in question.pillars if pillar not in covered], programmes)
    return Coverage(
        known=question.placed,
        member=any(one.member for one in standings),
        programme=programme,
        version=version,
        grants=grants,
        refusals=refusals,
        open_pillars=open_pillars,
        referred=tuple(one for one in question.pillars if one not in open_pillars),
        public_path=path,
        explanation=_explained(question, standings, grants, refusals, version=catalogue.version),
    )


def _first_held(standings: Sequence[Standing]) -> tuple[str | None, int | None]:
    held = sorted((one.programme, one.version.version) for one in standings if one.member and one.version)
    return held[0] if held else (None, None)


def _ordered(grants: Sequence[Grant], catalogue: Catalogue) -> tuple[Grant, ...]:
    places = {service: place for place, service in enumerate(catalogue.programmes.services)}
    return tuple(sorted(grants, key=lambda one: places[one.service]))


def _advice(
    standings: Sequence[Standing], given: Sequence[Grant], question: Asked, catalogue: Catalogue
) -> Iterator[Grant]:
    """Who is refused the funding of a works council is advised all the same (DOMAIN section 2.2)."""
    service = catalogue.programmes.advice
    pillar = catalogue.programmes.services[service].pillar
    if pillar not in question.pillars or any(one.service == service for one in given):
        return
    for one in sorted((one for one in standings if one.advised and one.version), key=lambda one: one.programme):
        assert one.version is not None
        yield Grant(service, pillar, Effect.ADVISED, one.programme, one.version.version)
        return


def _floor(grants: Sequence[Grant], question: Asked, catalogue: Catalogue) -> Iterator[Grant]:
    """What anybody is given: what a safety signal forces; in P0, or while nobody knows the household, everything but money."""
    programmes, have = catalogue.programmes, {one.service for one in grants}
    forced = {service for signal in question.signals for service in programmes.floor.get(signal, ())}
    everything = question.band is Band.P0 or not question.placed
    for name, service in programmes.services.items():
        needed = service.pillar in question.pillars and any(service.is_of_use_for(code) for code in question.codes)
        if name not in have and not service.money and (name in forced or (everything and needed)):
            yield Grant(name, service.pillar, Effect.FLOOR)


def _open(grants: Sequence[Grant], question: Asked) -> tuple[Pillar, ...]:
    """Which pillars get a desk, the lead first. Where no service is given, a human still takes the call: the lead pillar's."""
    if question.band is Band.P0 or not question.placed:
        return tuple(dict.fromkeys((*question.pillars, *(one.pillar for one in grants))))
    given = {one.pillar for one in grants}
    found = [pillar for pillar in question.pillars if pillar in given]
    found += [pillar for pillar in Pillar if pillar in given and pillar not in found]
    return tuple(found) or question.pillars[:1]


def _refused(standings: Sequence[Standing]) -> Iterator[Refused]:
    if not standings:
        yield Refused(NotCovered.NO_PROGRAMME)
    for one in standings:
        if one.refusal is not None:
            yield Refused(one.refusal, one.programme)


def _explained(
    question: Asked,
    standings: Sequence[Standing],
    grants: Sequence[Grant],
    refusals: Sequence[Refused],
    *,
    version: str,
) -> Explanation:
    given = ", ".join(f"{one.service}: {one.programme or one.effect}" for one in grants)
    named = sorted({one.words for one in refusals})
    inputs = {
        "household": "known" if question.placed else "unknown",
        "day": question.day.isoformat(),
        "granted": given or "nothing",
        "set_aside": ", ".join(named[:MOST_NAMED]) or "nobody",
        "asked": question.told(),
    }
    counted = Counter(one.reason.value for one in refusals)
    return Explanation(
        rule=f"coverage:{_rule(question, standings, grants)}",
        catalogue=version,
        inputs=inputs,
        rejected=dict(sorted(counted.items())),
    )


def _rule(question: Asked, standings: Sequence[Standing], grants: Sequence[Grant]) -> str:
    effects = {one.effect for one in grants}
    if effects & {Effect.COVERED, Effect.ASSISTANCE_ONLY}:
        return "member"
    if question.band is Band.P0:
        return "fails_open"
    if not question.placed:
        return "not_placed"
    if Effect.ADVISED in effects:
        return "advised"
    if effects:
        return "safety_floor"
    return "not_for_this" if any(one.member for one in standings) else "public_path"
