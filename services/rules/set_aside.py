"""What was set aside, and how often? The words for every kind that an explanation counts in `rejected`."""

from collections.abc import Mapping

from schemas.coverage import NotCovered

OF_TRIAGE = {
    "not_answered": "rules about what nobody has answered",
    "not_met": "rules that the answers do not meet",
    "outranked": "rules that hold and ask for less",
}
OF_COVERAGE: Mapping[str, str] = {
    NotCovered.NO_PROGRAMME: "no programme held",
    NotCovered.UNKNOWN_PROGRAMME: "programmes nobody knows",
    NotCovered.PUBLIC_PROGRAMME: "public programmes, which nobody holds",
    NotCovered.NOT_OFFERED_THAT_DAY: "not offered on the day of the harm",
    NotCovered.PILOT_ENDED: "held since after its pilot ended",
    NotCovered.LAPSED: "over by the day of the harm",
    NotCovered.NOT_BEGUN: "not begun on the day of the harm",
    NotCovered.UNPAID: "unpaid",
    NotCovered.NOT_ON_THE_ROSTER: "the victim is not on the roster",
    NotCovered.NOT_THERE_THAT_DAY: "the victim did not live there that day",
    NotCovered.RELATION_NOT_ALLOWED: "not for this relation of the victim",
    NotCovered.NOT_THE_HOLDER: "for the holder alone",
    NotCovered.WORK_RELATED: "not for what has to do with work",
    NotCovered.NOT_WORK_RELATED: "only for what has to do with work",
    NotCovered.NO_BUDGET: "the works council gives no budget",
    NotCovered.NO_SUPPLEMENT: "without the supplement it needs",
    NotCovered.FORMULA_NOT_PREMIUM: "only in the premium formula",
    NotCovered.FUNDED_CONTRACT_UNKNOWN: "the contract it funds is not known",
    NotCovered.INCIDENT_NOT_NAMED: "does not name this kind of incident",
    NotCovered.EXCLUDED: "excludes this",
    NotCovered.SERVICE_NOT_NAMED: "services that no contract held names",
    NotCovered.TIER_WITHOUT_IT: "services its tier leaves out",
    NotCovered.POORER: "services another contract gives more of",
    NotCovered.TIE: "services another contract gives as much of",
    NotCovered.PAYS_AFTER_OTHERS: "services it only gives after other contracts",
    NotCovered.MONEY_BEFORE_SUBSCRIPTION: "no money for what began before it was subscribed",
    NotCovered.MONEY_TOO_LATE: "no money when it is reported so late",
    NotCovered.MONEY_EXCLUDED: "no money for this",
    NotCovered.MONEY_UNDECIDED: "money that an answer still decides",
    NotCovered.MONEY_RELATION_UNREAD: "money that the victim's relation decides",
    NotCovered.MONEY_WORK_LINK_UNANSWERED: "money that depends on a link to work",
    NotCovered.MONEY_BUDGET_UNANSWERED: "money that depends on the works council's budget",
}
OF_DUPLICATES = {
    "merged": "cases that go on in another one",
    "outside_window": "cases last heard of too long ago",
    "drill": "cases that are a drill when this is none, or none when this is",
    "opposite_sides": "cases of people on the other side",
    "covert": "kept apart because one of them is covert",
    "other_victim": "cases of another victim",
    "work_is_done": "cases whose work is done",
}
OF_MATCHING = {
    "not_on_duty": "not on duty",
    "no_room": "no room left",
    "did_not_answer": "did not answer this offer in time",
    "declined_or_gave_back": "declined it or gave it back",
    "other_side": "works for the other side",
    "is_asked": "is asked already",
    "is_away": "has it and is away",
    "conflict": "knows the household, or lives there",
    "no_skill": "not trained for it, or no more",
    "no_language": "does not speak the victim's language",
    "no_clearance": "not cleared for such cases",
    "exposure_limit": "has taken as many hard cases as a shift may hold",
}
KINDS: Mapping[str, str] = {**OF_TRIAGE, **OF_COVERAGE, **OF_DUPLICATES, **OF_MATCHING}


def counted(rejected: Mapping[str, int]) -> str:
    """Each kind in words with how many there were; a kind nobody gave words to by its name."""
    return ", ".join(f"{KINDS.get(kind, kind.replace('_', ' '))} ({count})" for kind, count in rejected.items())
