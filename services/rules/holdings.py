"""Does this holding answer for this victim and this harm? What nobody can tell costs money, never assistance."""

from dataclasses import dataclass, replace
from datetime import date

from schemas.catalogue.programmes import Programmes
from schemas.catalogue.terms import Condition, ExclusionEffect, ProgrammeVersion, Scope
from schemas.coverage import NotCovered
from schemas.households import Holding
from schemas.words import Band, Signal
from services.rules.asked_of_coverage import Asked
from services.rules.rosters import Victim, victim_of

SIGNALLED = {"offender_lives_here": Signal.SAME_ROOF_OFFENDER}  # exclusions a safety signal hints at


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a holding stands: `refusal` why it does not answer, `money` why its money waits. `version` is the programme's,
    `terms` whose services and limits apply (those of the contract that a works council co-funds). `member`: it is in force
    for this person, whatever happened to them; `advised`: advice is given although it does not fund."""

    holding: Holding
    programme: str
    version: ProgrammeVersion | None = None
    terms: ProgrammeVersion | None = None
    refusal: NotCovered | None = None
    money: NotCovered | None = None
    member: bool = False
    advised: bool = False


def stand(holding: Holding, asked: Asked, programmes: Programmes) -> Standing:
    """The standing of one holding."""
    found = in_force(holding, programmes, day=asked.day, received=asked.received)
    if found.version is None or found.refusal is not None:
        return found
    if holding.paid is False and asked.band is not Band.P0:  # an unpaid premium never blocks P0 (DOMAIN section 2)
        return replace(found, refusal=NotCovered.UNPAID)
    refusal, money = _person(holding, found.version, asked, programmes)
    if refusal is None:
        refusal, asks = _conditions(holding, found.version, asked)
        money = money or asks
    found = replace(found, money=found.money or money, refusal=refusal, member=refusal is None)
    if refusal is not None:
        return replace(found, advised=refusal in (NotCovered.NOT_WORK_RELATED, NotCovered.NO_BUDGET))
    return _harm(_funded(found, asked, programmes), asked)


def in_force(holding: Holding, programmes: Programmes, *, day: date, received: date) -> Standing:
    """Whether the programme is one, was held on the day of the harm, and was offered then; and in which version.

    Somebody who subscribed after the harm and before they told us is assisted without money (DOMAIN section 10).
    """
    name = programmes.find(holding.programme)
    if name is None:
        return Standing(holding, holding.programme, refusal=NotCovered.UNKNOWN_PROGRAMME)
    if programmes.programmes[name].public:
        return Standing(holding, name, refusal=NotCovered.PUBLIC_PROGRAMME)
    if holding.valid_to is not None and holding.valid_to < day.isoformat():
        return Standing(holding, name, refusal=NotCovered.LAPSED)
    late = day.isoformat() < holding.valid_from
    if late and (received.isoformat() < holding.valid_from or _over(holding, received)):
        return Standing(holding, name, refusal=NotCovered.NOT_BEGUN)
    version = programmes.programmes[name].version_on(received if late else day)
    if version is None:
        return Standing(holding, name, refusal=NotCovered.NOT_OFFERED_THAT_DAY)
    money = NotCovered.MONEY_BEFORE_SUBSCRIPTION if late else None
    if money is None and _months_between(day, received) >= programmes.money.report_within_months:
        money = NotCovered.MONEY_TOO_LATE
    return Standing(holding, name, version=version, terms=version, money=money)


def _over(holding: Holding, day: date) -> bool:
    return holding.valid_to is not None and holding.valid_to < day.isoformat()


def _months_between(earlier: date, later: date) -> int:
    """Whole months; the day that completes one still belongs to the one before."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months if later.day > earlier.day else months - 1


def _person(
    holding: Holding, version: ProgrammeVersion, asked: Asked, programmes: Programmes
) -> tuple[NotCovered | None, NotCovered | None]:
    victim = victim_of(
        asked.members,
        member_id=asked.victim_member_id,
        relation=asked.victim_relation,
        rostered=asked.rostered,
        day=asked.day,
    )
    if victim.refusal is not None:
        return victim.refusal, None
    return related(holding, version, victim, programmes)


def related(
    holding: Holding, version: ProgrammeVersion, victim: Victim, programmes: Programmes
) -> tuple[NotCovered | None, NotCovered | None]:
    """Why the victim's relation to the holder refuses them, or why it makes money wait: words nobody knows are not held against them."""
    relation, allowed = victim.relation, version.relations_allowed
    if holding.holder_member_id is not None and holding.holder_member_id == victim.member_id:
        return None, None
    if relation is not None and relation in programmes.relations["outside"]:
        return NotCovered.RELATION_NOT_ALLOWED, None
    personal = not set(programmes.relations["family"]) & set(allowed)
    if personal and holding.holder_member_id is not None and victim.member_id is not None:
        return NotCovered.NOT_THE_HOLDER, None
    if relation is None or relation in allowed:
        return None, None
    known = relation in programmes.relations["family"]
    return (NotCovered.NOT_THE_HOLDER, None) if known else (None, NotCovered.MONEY_RELATION_UNREAD)


def _conditions(
    holding: Holding, version: ProgrammeVersion, asked: Asked
) -> tuple[NotCovered | None, NotCovered | None]:
    """What eligibility asks at each harm: the first refusal, and why money waits."""
    asks = version.eligibility
    if Condition.PRIVATE_LIFE in asks and asked.work_related:
        return NotCovered.WORK_RELATED, None
    if Condition.WORK_LINK in asks and asked.work_related is False:
        return NotCovered.NOT_WORK_RELATED, None
    if Condition.SOCIAL_BUDGET in asks and holding.budget_open is False:
        return NotCovered.NO_BUDGET, None
    if Condition.SUPPLEMENT in asks and holding.supplement is False:
        return NotCovered.NO_SUPPLEMENT, None
    if Condition.PREMIUM_FORMULA in asks and holding.tier not in (None, "premium"):
        return NotCovered.FORMULA_NOT_PREMIUM, None
    if Condition.WORK_LINK in asks and asked.work_related is None:
        return None, NotCovered.MONEY_WORK_LINK_UNANSWERED
    if Condition.SOCIAL_BUDGET in asks and holding.budget_open is None:
        return None, NotCovered.MONEY_BUDGET_UNANSWERED
    return None, None


def _funded(found: Standing, asked: Asked, programmes: Programmes) -> Standing:
    """The terms of the contract that a works council co-funds; advice alone when nobody says which."""
    if found.version is None or not found.version.of_funded_contract:
        return found
    name = programmes.find(found.holding.funded_programme or "")
    terms = programmes.programmes[name].version_on(asked.day) if name else None
    if terms is None or terms.of_funded_contract or terms.beneficiary_scope is Scope.ANYBODY:
        return replace(found, refusal=NotCovered.FUNDED_CONTRACT_UNKNOWN, advised=True)
    return replace(found, terms=terms)


def _harm(found: Standing, asked: Asked) -> Standing:
    if found.refusal is not None or found.terms is None:
        return found
    if not set(asked.codes) & set(found.terms.incident_codes):
        return replace(found, refusal=NotCovered.INCIDENT_NOT_NAMED)
    for exclusion in found.terms.exclusions:
        hinted = SIGNALLED.get(exclusion.code) in asked.signals
        if not hinted and getattr(asked, exclusion.code, None) is not True:
            continue
        if exclusion.decided_by == "human":
            found = replace(found, money=found.money or NotCovered.MONEY_UNDECIDED)
        elif exclusion.effect is ExclusionEffect.MONEY_ONLY:
            found = replace(found, money=found.money or NotCovered.MONEY_EXCLUDED)
        else:
            return replace(found, refusal=NotCovered.EXCLUDED)
    return found
