"""Which pillars does a case need, and with which services? One track per pillar concerned (DOMAIN section 1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.base import Code, Explanation
from schemas.catalogue import Catalogue
from schemas.words import Pillar
from services.router.coverage import Coverage
from services.rules.triage import Triage


@dataclass(frozen=True, slots=True)
class Wanted:
    """The pillars a case needs, the lead one first, each with its services; those `referred` are served by somebody else."""

    lead: Pillar
    services: Mapping[Pillar, tuple[Code, ...]]
    referred: frozenset[Pillar]
    explanation: Explanation


def wanted_of(decision: Triage, coverage: Coverage, catalogue: Catalogue) -> Wanted:
    """What triage asks for, as far as coverage grants it; the safety floor is part of what it grants."""
    inputs = {
        "code": decision.code,
        "lead": decision.lead,
        "support": ",".join(decision.support),
        "coverage": coverage.explanation.rule,
    }
    return Wanted(
        lead=decision.lead,
        services=dict.fromkeys(decision.pillars, ()),
        referred=frozenset(),
        explanation=Explanation(rule="pillars:taxonomy", catalogue=catalogue.version, inputs=inputs),
    )
