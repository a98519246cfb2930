"""Does this holding answer for this victim and this harm? What nobody can tell costs money, never assistance."""

from datetime import date
from typing import NamedTuple

from schemas.catalogue.programme_words import Condition, ExclusionEffect, Scope
from schemas.catalogue.programmes import Programmes
from schemas.catalogue.terms import ProgrammeVersion
from schemas.coverage import NotCovered
from schemas.households import Holding
from schemas.words import Band, Signal
from services.rules.asked_of_coverage import Asked
from services.rules.rosters import Victim

SIGNALLED = {"offender_lives_here": Signal.SAME_ROOF_OFFENDER}  # exclusions a safety signal hints at
STILL_ADVISED = frozenset(
    {NotCovered.NOT_WORK_RELATED, NotCovered.NO_BUDGET, NotCovered.FUNDED_CONTRACT_UNKNOWN}
)  # a works council that does not fund: its staff get advice all the same
Verdict = tuple[NotCovered | None, NotCovered | None]  # why it does not answer; why its money waits


class Standing(NamedTuple):
    """Where a holding stands: `refusal` why it does not answer, `money` why its money waits. `version` is the programme's,
    `terms` whose services and limits apply, under `source` (those of the contract that a works council co-funds). `member`: it is in force
    for this person, whatever happened to them."""

    holding: Holding
    programme: str
    version: ProgrammeVersion | None = None
    source: str | None = None
    terms: ProgrammeVersion | None = None
    refusal: NotCovered | None = None
    money: NotCovered | None = None
    member: bool = False

    @property
    def advised(self) -> bool:
        """Whether advice is given although it does not fund."""
        return self.refusal in STILL_ADVISED


def stand(holding: Holding, asked: Asked, victim: Victim, programmes: Programmes) -> Standing:
    """The standing of one holding."""
    name = programmes.find(holding.programme)
    if name is None:
        return Standing(holding, holding.programme, refusal=NotCovered.UNKNOWN_PROGRAMME)
    version, (refusal, money) = _in_force(holding, name, asked, programmes)
    if version is None or refusal is not None:
        return Standing(holding, name, version, refusal=refusal)
    refusal, doubt = _for_this_person(holding, version, asked, victim=victim, programmes=programmes)
    money = money or doubt
    if refusal is not None:
        return Standing(holding, name, version, refusal=refusal, money=money)
    source, terms = _funded(holding, asked, programmes) if version.of_funded_contract else (name, version)
    if terms is None:
        unknown = NotCovered.FUNDED_CONTRACT_UNKNOWN
        return Standing(holding, name, version, refusal=unknown, money=money, member=True)
    refusal, doubt = _for_this_harm(terms, asked)
    return Standing(holding, name, version, source, terms, refusal=refusal, money=money or doubt, member=True)


def _in_force(
    holding: Holding, name: str, asked: Asked, programmes: Programmes
) -> tuple[ProgrammeVersion | None, Verdict]:
    """The version for the day of the harm, if the programme was held and offered then.

    Somebody who subscribed after the harm and before they told us is assisted without money (DOMAIN section 10). An unpaid
    premium never blocks P0 (DOMAIN section 2).
    """
    programme, day, told = programmes.programmes[name], asked.day.isoformat(), asked.received.isoformat()
    if programme.public:
        return None, (NotCovered.PUBLIC_PROGRAMME, None)
    if holding.valid_to is not None and holding.valid_to < day:
        return None, (NotCovered.LAPSED, None)
    late = day < holding.valid_from
    if late and (told < holding.valid_from or (holding.valid_to is not None and holding.valid_to < told)):
        return None, (NotCovered.NOT_BEGUN, None)
    version = programme.version_on(asked.received if late else asked.day)
    if version is None:
        return None, (NotCovered.NOT_OFFERED_THAT_DAY, None)
    if version.pilot is not None and version.pilot.until.isoformat() < holding.valid_from:
        return version, (NotCovered.PILOT_ENDED, None)
    if holding.paid is False and asked.band is not Band.P0:
        return version, (NotCovered.UNPAID, None)
    if late:
        return version, (None, NotCovered.MONEY_BEFORE_SUBSCRIPTION)
    too_late = _months_between(asked.day, asked.received) >= programmes.money.report_within_months
    return version, (None, NotCovered.MONEY_TOO_LATE if too_late else None)


def _months_between(earlier: date, later: date) -> int:
    """Whole months; the day that completes one still belongs to the one before."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months if later.day > earlier.day else months - 1


def _for_this_person(
    holding: Holding, version: ProgrammeVersion, asked: Asked, *, victim: Victim, programmes: Programmes
) -> Verdict:
    refusal, money = related(holding, version, victim, programmes)
    if refusal is None and version.eligibility:
        refusal, doubt = _eligible(holding, version, asked)
        money = money or doubt
    return refusal, money


def related(holding: Holding, version: ProgrammeVersion, victim: Victim, programmes: Programmes) -> Verdict:
    """Whether the victim is somebody the contract is for. A relation in words nobody knows makes money wait."""
    relation, allowed = victim.relation, version.relations_allowed
    if victim.refusal is not None:
        return victim.refusal, None
    if victim.member_id is not None and holding.holder_member_id == victim.member_id:
        return None, None
    if relation is not None and relation in programmes.relations["outside"]:
        return NotCovered.RELATION_NOT_ALLOWED, None
    if holding.holder_member_id is not None and victim.member_id is not None and not version.for_several:
        return NotCovered.NOT_THE_HOLDER, None
    if relation is None or relation in allowed:
        return None, None
    known = relation in programmes.relations["family"]
    return (NotCovered.NOT_THE_HOLDER, None) if known else (None, NotCovered.MONEY_RELATION_UNREAD)


def _eligible(holding: Holding, version: ProgrammeVersion, asked: Asked) -> Verdict:
    """What eligibility asks at each harm: the first refusal, else why money waits."""
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


def _funded(holding: Holding, asked: Asked, programmes: Programmes) -> tuple[str | None, ProgrammeVersion | None]:
    """The contract that a works council co-funds; none when nobody says which, or it is none that can be bought."""
    name = programmes.find(holding.funded_programme or "")
    terms = programmes.programmes[name].version_on(asked.day) if name else None
    if terms is None or terms.of_funded_contract or terms.beneficiary_scope is Scope.ANYBODY:
        return None, None
    return name, terms


def _for_this_harm(terms: ProgrammeVersion, asked: Asked) -> Verdict:
    if terms.covered_codes.isdisjoint(asked.codes):
        return NotCovered.INCIDENT_NOT_NAMED, None
    money: NotCovered | None = None
    for exclusion in terms.exclusions:
        hinted = SIGNALLED.get(exclusion.code) in asked.signals
        if not hinted and getattr(asked, exclusion.code, None) is not True:
            continue
        if exclusion.decided_by == "human":
            money = money or NotCovered.MONEY_UNDECIDED
        elif exclusion.effect is ExclusionEffect.MONEY_ONLY:
            money = money or NotCovered.MONEY_EXCLUDED
        else:
            return NotCovered.EXCLUDED, None
    return None, money
