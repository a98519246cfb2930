"""What in a household that one of our own agents puts is certainly a mistake? Partners' snapshots are never refused for these."""

from collections.abc import Iterable, Iterator
from datetime import date

from schemas.catalogue.programmes import Programmes
from schemas.households import Holding, HouseholdBody, Member
from services.intake.problems import FieldError


def faults(body: HouseholdBody, known: HouseholdBody | None, programmes: Programmes) -> Iterator[FieldError]:
    """Days that do not exist, and words that neither the catalogue nor the household as it is (`known`) has."""
    kept = known or HouseholdBody()
    relations = {word for words in programmes.relations.values() for word in words} | {
        one.relation for one in kept.members
    }
    held = {one.programme for one in kept.holdings}
    of_tier = {(one.programme, one.tier) for one in kept.holdings}
    yield from _days("members", body.members)
    yield from _days("holdings", body.holdings)
    for number, member in enumerate(body.members):
        if member.relation not in relations:
            detail = f"no such relation; there are {', '.join(sorted(relations))}"
            yield FieldError(detail=detail, pointer=f"#/members/{number}/relation")
    for number, holding in enumerate(body.holdings):
        if holding.programme not in held and programmes.find(holding.programme) is None:
            yield FieldError(detail="no such programme in the catalogue", pointer=f"#/holdings/{number}/programme")
        tiers = _tiers(holding, programmes)
        if tiers and holding.tier not in (None, *tiers) and (holding.programme, holding.tier) not in of_tier:
            detail = f"no such tier; there are {', '.join(tiers)}"
            yield FieldError(detail=detail, pointer=f"#/holdings/{number}/tier")


def _tiers(holding: Holding, programmes: Programmes) -> tuple[str, ...]:
    """The tiers of a holding's programme, in whichever version, and of the contract it co-funds; none where a tier means nothing."""
    names = [programmes.find(name) for name in (holding.programme, holding.funded_programme) if name is not None]
    versions = (one for name in names if name is not None for one in programmes.programmes[name].versions)
    return tuple(dict.fromkeys(tier for one in versions for tier in one.tiers))


def _days(where: str, rows: Iterable[Member | Holding]) -> Iterator[FieldError]:
    for number, row in enumerate(rows):
        for name, day in (("valid_from", row.valid_from), ("valid_to", row.valid_to)):
            if day is not None and not _exists(day):
                yield FieldError(detail="no such day", pointer=f"#/{where}/{number}/{name}")


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
