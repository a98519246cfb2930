"""Who gives each service when several programmes could? The richest per service; for money, contracts that pay first come first."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.catalogue.programmes import Programmes
from schemas.coverage import Effect, NotCovered
from schemas.words import Pillar
from services.rules.asked_of_coverage import Asked
from services.rules.holdings import Standing
from services.rules.limits_of import Limit, limit_of, richness, tier_of


class Grant(NamedTuple):
    """One service given: by a programme (and its version) up to `limit`, or by nobody's programme (`effect` floor)."""

    service: str
    pillar: Pillar
    effect: Effect
    programme: str | None = None
    version: int | None = None
    tier: str | None = None
    limit: Limit | None = None


class Refused(NamedTuple):
    """A programme set aside, or one service of it; no programme: nobody gives it."""

    reason: NotCovered
    programme: str | None = None
    service: str | None = None

    @property
    def words(self) -> str:
        """As an explanation names it."""
        return " ".join(part for part in (self.programme, self.service, self.reason.value) if part)


class _Candidate(NamedTuple):
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
) -> tuple[dict[str, Grant], list[Refused]]:
    """The grant of every service that some programme gives, and who was set aside for it."""
    found: dict[str, list[_Candidate]] = {}
    refusals: list[Refused] = []
    answering = [one for one in standings if one.refusal is None]
    for one in answering:
        for candidate in _candidates(one, asked, programmes):
            if isinstance(candidate, Refused):
                refusals.append(candidate)
            else:
                found.setdefault(candidate.grant.service, []).append(candidate)
    for name in programmes.needed(asked.codes, asked.pillars) if answering else ():
        rivals, money = found.get(name, ()), programmes.services[name].money
        if not rivals:
            refusals.append(Refused(NotCovered.SERVICE_NOT_NAMED, None, name))
        elif len(rivals) > 1:
            found[name] = sorted(rivals, key=lambda one: one.rank(money=money))
            refusals += _beaten(found[name], money=money)
    return {name: rivals[0].grant for name, rivals in found.items()}, refusals


def _candidates(one: Standing, asked: Asked, programmes: Programmes) -> Iterator[_Candidate | Refused]:
    """What a holding offers of the services needed."""
    terms, version = one.terms, one.version
    assert terms is not None, "a holding that answers has terms"
    assert one.source is not None, "and they are some programme's"
    assert version is not None, "and its own programme has a version"
    tier = tier_of(one.holding, terms)
    effect = Effect.COVERED if one.money is None else Effect.ASSISTANCE_ONLY
    rows = programmes.offered((one.source, terms.version), tier, asked.codes, asked.pillars)
    for name, offered in rows.items():
        if offered is None:
            yield Refused(NotCovered.TIER_WITHOUT_IT, one.programme, name)
        elif one.money is not None and programmes.services[name].money:
            yield Refused(one.money, one.programme, name)
        else:
            limit = limit_of(offered, terms, one.holding)
            grant = Grant(name, offered.pillar, effect, one.programme, version.version, tier, limit)
            yield _Candidate(one, grant, version.secondary)


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
