"""Who gives each service when several programmes could? The richest per service; for money, contracts that pay first come first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.catalogue.programmes import Programmes
from schemas.catalogue.terms import ServiceOffered
from schemas.coverage import Effect, NotCovered
from schemas.words import Pillar
from services.rules.asked_of_coverage import Asked
from services.rules.holdings import Standing
from services.rules.limits_of import Limit, gives, limit_of, richness, tier_of


@dataclass(frozen=True, slots=True)
class Grant:
    """One service given: by a programme (and its version) up to `limit`, or by nobody's programme (`effect` floor)."""

    service: str
    pillar: Pillar
    effect: Effect
    programme: str | None = None
    version: int | None = None
    tier: str | None = None
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A programme set aside, or one service of it; no programme: nobody gives it."""

    reason: NotCovered
    programme: str | None = None
    service: str | None = None

    @property
    def words(self) -> str:
        """As an explanation names it."""
        return " ".join(part for part in (self.programme, self.service, self.reason.value) if part)


@dataclass(frozen=True, slots=True)
class _Candidate:
    standing: Standing
    grant: Grant
    secondary: bool

    def rank(self, *, money: bool) -> tuple[object, ...]:
        """The winner's is smallest, whatever the order of the holdings; the last parts break ties by what the contract says."""
        kind, amount = richness(self.grant.limit)
        holding = self.standing.holding
        return (
            self.grant.effect is not Effect.COVERED,
            money and self.secondary,
            -kind,
            -amount,
            self.secondary,
            holding.valid_from,
            self.standing.programme,
            holding.model_dump_json(),
        )


def granted_by_programmes(
    standings: Sequence[Standing], asked: Asked, programmes: Programmes
) -> tuple[list[Grant], list[Refused]]:
    """The grant of every service that some programme gives, and who was set aside for it."""
    answering = [one for one in standings if one.refusal is None]
    grants: list[Grant] = []
    refusals: list[Refused] = []
    for name, service in programmes.services.items():
        if service.pillar not in asked.pillars:
            continue
        found: list[_Candidate] = []
        for one in answering:
            candidate = _candidate(one, name, asked, programmes)
            if isinstance(candidate, Refused):
                refusals.append(candidate)
            elif candidate is not None:
                found.append(candidate)
        if found:
            found.sort(key=lambda one: one.rank(money=service.money))
            grants.append(found[0].grant)
            refusals += _beaten(found, money=service.money)
        elif answering and any(service.is_of_use_for(code) for code in asked.codes):
            refusals.append(Refused(NotCovered.SERVICE_NOT_NAMED, None, name))
    return grants, refusals


def _candidate(one: Standing, name: str, asked: Asked, programmes: Programmes) -> _Candidate | Refused | None:
    """What a programme offers of one service; `None` when it does not name it for this harm."""
    terms, version, service = one.terms, one.version, programmes.services[name]
    assert terms is not None and version is not None, "a holding that answers has terms"  # noqa: PT018 - one thought
    codes = [code for code in asked.codes if code in terms.incident_codes and service.is_of_use_for(code)]
    tier = tier_of(one.holding, terms)
    named = [row for row in terms.services if row.service == name and (not row.codes or set(row.codes) & set(codes))]
    if not codes or not named:
        return None
    offered: ServiceOffered | None = next((row for row in named if gives(row, tier)), None)
    if offered is None:
        return Refused(NotCovered.TIER_WITHOUT_IT, one.programme, name)
    if service.money and one.money is not None:
        return Refused(one.money, one.programme, name)
    limit = limit_of(offered, terms, one.holding)
    effect = Effect.COVERED if one.money is None else Effect.ASSISTANCE_ONLY
    grant = Grant(name, service.pillar, effect, one.programme, version.version, tier, limit)
    return _Candidate(one, grant, version.secondary)


def _beaten(found: Sequence[_Candidate], *, money: bool) -> Iterator[Refused]:
    """Why each of the others lost: less rich, alike, or a clause that pays after other cover."""
    winner = found[0]
    for other in found[1:]:
        if money and other.secondary and not winner.secondary:
            reason = NotCovered.PAYS_AFTER_OTHERS
        elif (other.grant.effect, richness(other.grant.limit)) == (winner.grant.effect, richness(winner.grant.limit)):
            reason = NotCovered.TIE
        else:
            reason = NotCovered.POORER
        yield Refused(reason, other.standing.programme, other.grant.service)
