"""Which services may this household use for this harm, through which programme, up to how much, and where else can they turn?
P0 and the safety floor are given whatever the answer; money is never given by default (DOMAIN sections 2 and 4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.catalogue.programmes import Programmes
from schemas.coverage import Effect, GrantedBy, NotCovered
from schemas.words import Band, Pillar
from services.rules.asked_of_coverage import Asked, victim_in
from services.rules.holdings import Standing, stand
from services.rules.public_path import public_path
from services.rules.richest import Grant, Refused, granted_by_programmes

MOST_NAMED = 20
FAILS_OPEN = "coverage:fails_open"


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

    @property
    def fails_open(self) -> bool:
        """Whether it is a P0 that gets everything although nobody knows the household, or no contract of it is in force."""
        return self.explanation.rule == FAILS_OPEN and not self.member

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


def decide(question: Asked, catalogue: Catalogue) -> Coverage:
    """The coverage of one case from what was asked alone: deciding again from an explanation gives the same answer."""
    programmes = catalogue.programmes
    victim = victim_in(question)
    standings = [stand(one, question, victim, programmes) for one in question.holdings]
    given, beaten = granted_by_programmes(standings, question, programmes)
    _advise(standings, given, question, programmes)
    covered = {one.pillar for one in given.values()}
    _floor(given, question, programmes)
    grants = tuple(given[name] for name in programmes.services if name in given)
    refusals = (*_refused(standings), *beaten)
    open_pillars = _open(grants, question)
    programme, version = _main(standings, grants)
    return Coverage(
        known=question.placed,
        member=any(one.member for one in standings),
        programme=programme,
        version=version,
        grants=grants,
        refusals=refusals,
        open_pillars=open_pillars,
        referred=tuple(one for one in question.pillars if one not in open_pillars),
        public_path=public_path(question, [one for one in question.pillars if one not in covered], programmes),
        explanation=_explained(question, standings, grants, refusals=refusals, version=catalogue.version),
    )


def _main(standings: Sequence[Standing], grants: Sequence[Grant]) -> tuple[str | None, int | None]:
    """The programme (and version) that gives most, else the first by name that is held."""
    given: dict[tuple[str | None, int | None], int] = {}
    for one in grants:
        if one.programme is not None:
            given[one.programme, one.version] = given.get((one.programme, one.version), 0) + 1
    if given:
        return max(given, key=lambda held: given[held])
    held = sorted((one.programme, one.version.version) for one in standings if one.member and one.version)
    return held[0] if held else (None, None)


def _advise(standings: Sequence[Standing], given: dict[str, Grant], question: Asked, programmes: Programmes) -> None:
    """Who is refused the funding of a works council is advised all the same (DOMAIN section 2.2)."""
    service = programmes.advice
    pillar = programmes.services[service].pillar
    refused = sorted((one.programme, one.version.version) for one in standings if one.advised and one.version)
    if refused and service not in given and pillar in question.pillars:
        programme, version = refused[0]
        given[service] = Grant(service, pillar, Effect.ADVISED, programme, version)


def _floor(given: dict[str, Grant], question: Asked, programmes: Programmes) -> None:
    """What anybody is given: what a safety signal forces; in P0, or while nobody knows the household, everything but money."""
    names = [service for signal in question.signals for service in programmes.floor.get(signal, ())]
    if question.band is Band.P0 or not question.placed:
        names += programmes.needed(question.codes, question.pillars)
    for name in names:
        service = programmes.services[name]
        if name not in given and not service.money:
            given[name] = Grant(name, service.pillar, Effect.FLOOR)


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


def _pilots(standings: Sequence[Standing]) -> str:
    """The programmes held that are in their test phase, and until when."""
    held = {(one.programme, one.version.pilot) for one in standings if one.version and one.version.pilot}
    return ", ".join(sorted(f"{programme} until {pilot.until}" for programme, pilot in held))


def _explained(
    question: Asked,
    standings: Sequence[Standing],
    grants: Sequence[Grant],
    *,
    refusals: Sequence[Refused],
    version: str,
) -> Explanation:
    """Names programmes set aside and pilots; services that nobody names are only counted."""
    named = sorted({one.words for one in refusals if one.programme is not None})
    counted: dict[str, int] = {}
    for one in refusals:
        counted[one.reason] = counted.get(one.reason, 0) + 1
    pilots = _pilots(standings)
    inputs = {"set_aside": ", ".join(named[:MOST_NAMED]), "asked": question.told()}
    return Explanation.trusted(
        rule=f"coverage:{_rule(question, standings, grants)}",
        catalogue=version,
        inputs=inputs | {"pilot": pilots} if pilots else inputs,
        rejected=dict(sorted(counted.items())),
    )


def _rule(question: Asked, standings: Sequence[Standing], grants: Sequence[Grant]) -> str:
    effects = {one.effect for one in grants}
    if Effect.COVERED in effects or Effect.ASSISTANCE_ONLY in effects:
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
