"""By when must we be done, if somebody threatens to act? An attacker's deadline cuts every promise short (DOMAIN section 8)."""

from datetime import datetime

from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from services.rules.claimed_times import read_claimed
from services.rules.clocks import cut_at


def threatens_sooner(one: CaseRecord, other: CaseRecord, *, at: datetime) -> bool:
    """Whether the attacker's deadline of `one` is still ahead at `at`, and no later one than that of `other`."""
    if one.deadline_at is None or one.deadline_at <= at:
        return False
    return other.deadline_at is None or other.deadline_at <= at or one.deadline_at < other.deadline_at


def threatened(case: CaseRecord, claimed: str | None, *, told_at: datetime, catalogue: Catalogue) -> CaseRecord:
    """The case with the attacker's deadline claimed at `told_at`: of several still ahead the soonest, of those that passed none."""
    deadline = read_claimed(claimed, received_at=told_at).instant
    margin = catalogue.sla.deadline_margin
    cut = (
        cut_at(deadline, told_at=told_at, percent=margin.percent, at_least=margin.at_least)
        if deadline is not None
        else None
    )
    if deadline is None or cut is None:
        return case
    ahead = case.deadline_at is not None and told_at < case.deadline_at <= deadline
    return case if ahead else case.model_copy(update={"deadline_at": deadline, "cut_at": cut})
