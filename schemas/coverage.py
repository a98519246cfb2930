"""What coverage says: how a service is given, why one is not, and the part of it that a track keeps."""

from enum import StrEnum

from schemas.base import Code, Fact


class Effect(StrEnum):
    """How a service is given."""

    COVERED = "covered"  # a programme gives it, up to its limit
    ASSISTANCE_ONLY = "assistance_only"  # a programme gives it; its money waits, or is refused
    ADVISED = "advised"  # the programme does not fund it; advice is given all the same
    FLOOR = "floor"  # given to anybody: P0, a safety signal, or a caller nobody has placed yet


class NotCovered(StrEnum):
    """Why a programme, or one of its services, was set aside: the closed list."""

    NO_PROGRAMME = "no_programme"
    UNKNOWN_PROGRAMME = "unknown_programme"
    PUBLIC_PROGRAMME = "public_programme"
    NOT_OFFERED_THAT_DAY = "not_offered_that_day"
    PILOT_ENDED = "pilot_ended"
    LAPSED = "lapsed"
    NOT_BEGUN = "not_begun"
    UNPAID = "unpaid"
    NOT_ON_THE_ROSTER = "not_on_the_roster"
    NOT_THERE_THAT_DAY = "not_there_that_day"
    RELATION_NOT_ALLOWED = "relation_not_allowed"
    NOT_THE_HOLDER = "not_the_holder"
    WORK_RELATED = "work_related"
    NOT_WORK_RELATED = "not_work_related"
    NO_BUDGET = "no_budget"
    NO_SUPPLEMENT = "no_supplement"
    FORMULA_NOT_PREMIUM = "formula_not_premium"
    FUNDED_CONTRACT_UNKNOWN = "funded_contract_unknown"
    INCIDENT_NOT_NAMED = "incident_not_named"
    EXCLUDED = "excluded"
    SERVICE_NOT_NAMED = "service_not_named"
    TIER_WITHOUT_IT = "tier_without_it"
    POORER = "poorer"
    TIE = "tie"
    PAYS_AFTER_OTHERS = "pays_after_others"
    MONEY_BEFORE_SUBSCRIPTION = "money_before_subscription"
    MONEY_TOO_LATE = "money_too_late"
    MONEY_EXCLUDED = "money_excluded"
    MONEY_UNDECIDED = "money_undecided"
    MONEY_RELATION_UNREAD = "money_relation_unread"
    MONEY_WORK_LINK_UNANSWERED = "money_work_link_unanswered"
    MONEY_BUDGET_UNANSWERED = "money_budget_unanswered"


class GrantedBy(Fact):
    """Services given alike: by one version of a programme, or by the safety floor, which is none."""

    programme: Code | None = None
    version: int | None = None
    effect: Effect
    services: tuple[Code, ...]
