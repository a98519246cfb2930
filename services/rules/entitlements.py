"""What is a household entitled to on a day, across everything it holds? What the contracts say; nothing here is a promise of money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schemas.catalogue import Catalogue
from schemas.catalogue.programmes import Programmes
from schemas.catalogue.terms import ProgrammeVersion
from schemas.coverage import NotCovered
from schemas.households import Holding, HouseholdBody, Member
from schemas.words import Band, Pillar
from services.rules.asked_of_coverage import Asked
from services.rules.holdings import Standing, related, stand
from services.rules.limits_of import Limit, gives, limit_of, tier_of
from services.rules.public_path import public_path
from services.rules.richest import Grant, granted_by_programmes
from services.rules.rosters import Victim, lives_there


@dataclass(frozen=True, slots=True)
class Offered:
    """A service that one contract gives, for these incidents, up to `limit` (none: as much as it takes)."""

    service: str
    pillar: Pillar
    incident_codes: tuple[str, ...]
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """A member of the day's roster, and why a contract is not for them, if it is not."""

    member_id: str
    refusal: NotCovered | None


@dataclass(frozen=True, slots=True)
class Held:
    """One contract on that day: `refusal` why it gives nothing to anybody, `money` why its money would wait."""

    holding: Holding
    programme: str
    version: ProgrammeVersion | None
    terms: ProgrammeVersion | None
    tier: str | None
    refusal: NotCovered | None
    money: NotCovered | None
    services: tuple[Offered, ...]
    members: tuple[Beneficiary, ...]


@dataclass(frozen=True, slots=True)
class Entitlements:
    """Every contract, the richest grant of each service, and where to turn for the rest."""

    at: date
    held: tuple[Held, ...]
    richest: tuple[Grant, ...]
    public_path: tuple[str, ...]


def entitlements(household: HouseholdBody, *, at: date, catalogue: Catalogue) -> Entitlements:
    """The answer for a day, as if something happened on it and was reported on it, to a member, in private life."""
    programmes = catalogue.programmes
    question = Asked(
        day=at,
        received=at,
        band=Band.P3,
        codes=tuple(catalogue.incidents.codes),
        pillars=tuple(Pillar),
        country=household.country,
        holdings=household.holdings,
    )
    standings = [stand(one, question, Victim(), programmes) for one in household.holdings]
    grants, _ = granted_by_programmes(standings, question, programmes)
    answered = {one.pillar for one in grants.values()}
    there = [one for one in household.members if lives_there(one, at)]
    return Entitlements(
        at=at,
        held=tuple(_held(one, there, programmes) for one in standings),
        richest=tuple(grants.values()),
        public_path=public_path(question, [one for one in Pillar if one not in answered], programmes),
    )


def _held(standing: Standing, members: Sequence[Member], programmes: Programmes) -> Held:
    terms = standing.terms if standing.refusal is None else None
    return Held(
        holding=standing.holding,
        programme=standing.programme,
        version=standing.version,
        terms=terms,
        tier=tier_of(standing.holding, terms) if terms else None,
        refusal=standing.refusal,
        money=standing.money,
        services=_services(standing.holding, terms, programmes) if terms else (),
        members=tuple(_beneficiary(one, standing, programmes) for one in members),
    )


def _services(holding: Holding, terms: ProgrammeVersion, programmes: Programmes) -> tuple[Offered, ...]:
    tier = tier_of(holding, terms)
    return tuple(
        Offered(
            one.service,
            one.pillar,
            tuple(
                code
                for code in (one.codes or terms.incident_codes)
                if programmes.services[one.service].is_of_use_for(code)
            ),
            limit_of(one, terms, holding),
        )
        for one in terms.services
        if gives(one, tier)
    )


def _beneficiary(member: Member, standing: Standing, programmes: Programmes) -> Beneficiary:
    if standing.refusal is not None or standing.version is None:
        return Beneficiary(member.member_id, standing.refusal)
    victim = Victim(member.member_id, member.relation)
    refusal, _ = related(standing.holding, standing.version, victim, programmes)
    return Beneficiary(member.member_id, refusal)
