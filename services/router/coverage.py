"""Is this household a member of anything? First rules: a holding of a known programme on the day of our receipt; P0 fails open."""

from dataclasses import dataclass
from datetime import datetime

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.households import Holding, HouseholdRecord
from schemas.words import Band


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether the household is a member, through which programme, and why. Nobody is sent away: the safety floor serves strangers."""

    known: bool
    member: bool
    programme: str | None
    explanation: Explanation


def cover(household: HouseholdRecord | None, *, band: Band, at: datetime, catalogue: Catalogue) -> Coverage:
    """What the household holds at `at`; the first holding in the order given wins."""
    day = at.date().isoformat()
    holdings = household.body.holdings if household else ()
    rejected = {
        "lapsed": sum(not _held(one, day) for one in holdings),
        "unknown_programme": sum(one.programme not in catalogue.programmes.programmes for one in holdings),
    }
    valid = [one for one in holdings if _held(one, day) and one.programme in catalogue.programmes.programmes]
    programme = valid[0].programme if valid else None
    rule = "member" if programme else "fails_open" if band is Band.P0 else "public_path"
    inputs = {"household": "known" if household else "unknown", "programme": programme or "none", "day": day}
    return Coverage(
        known=household is not None,
        member=programme is not None,
        programme=programme,
        explanation=Explanation(
            rule=f"coverage:{rule}",
            catalogue=catalogue.version,
            inputs=inputs,
            rejected={reason: count for reason, count in rejected.items() if count},
        ),
    )


def _held(holding: Holding, day: str) -> bool:
    return holding.valid_from <= day and (holding.valid_to is None or day <= holding.valid_to)
