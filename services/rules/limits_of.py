"""Up to how much does a programme give a service? A tier nobody knows counts as the lowest: never more than can be proven."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.catalogue.terms import ProgrammeVersion, ServiceOffered
from schemas.households import Holding

UNLIMITED = (2, 0)


class Limit(NamedTuple):
    """At most `amount_minor` (cents) or `number` times per `per` and `period`, in at most `claims` claims; under `name` it is shared."""

    name: str
    per: str
    period: str
    amount_minor: int | None = None
    number: int | None = None
    claims: int | None = None


def tier_of(holding: Holding, terms: ProgrammeVersion) -> str | None:
    """The tier held; none where the programme has no tiers."""
    if not terms.tiers:
        return None
    return holding.tier if holding.tier in terms.tiers else terms.tiers[0]


def gives(offered: ServiceOffered, tier: str | None) -> bool:
    """Whether a tier includes a service."""
    return not offered.tiers or tier in offered.tiers


def limit_of(offered: ServiceOffered, terms: ProgrammeVersion, holding: Holding) -> Limit | None:
    """The limit in force; none: as much as it takes. A contract's own amount replaces one that is only typical."""
    if offered.limit is None:
        return None
    for ceiling in terms.ceilings:
        if ceiling.guarantee == offered.limit:
            amount = ceiling.amount_minor if holding.ceiling_minor is None else holding.ceiling_minor
            return Limit(ceiling.guarantee, ceiling.per, ceiling.period, amount_minor=amount, claims=ceiling.claims)
    tier = tier_of(holding, terms)
    counted: Mapping[str | None, Limit] = {
        one.tier: Limit(one.limit, one.per, one.period, number=one.count)
        for one in terms.session_limits
        if one.limit == offered.limit
    }
    return counted[tier if tier in counted else None]


def richness(limit: Limit | None) -> tuple[int, int]:
    """Compares limits of one service: none beats a count, a count beats an amount, and the larger beats the smaller."""
    if limit is None:
        return UNLIMITED
    return (1, limit.number) if limit.number is not None else (0, limit.amount_minor or 0)
