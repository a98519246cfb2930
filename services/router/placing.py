"""Whose household is it really? A caller nobody could place is, once known; the case stays under its own key, coverage is decided again."""

from schemas.case_commands import CasePlace, HouseholdAsk, HouseholdTell
from schemas.cases import CaseRecord, Placed
from schemas.households import HouseholdBody
from schemas.words import Refusal
from services.router.context import Context
from services.router.deciding import decide_again
from services.router.timeline import ROUTER, Timeline, ask_owner
from services.rules import ids
from services.rules.answered import Verdict
from services.rules.asked_of_coverage import without_personal
from services.rules.lifecycle import ENDED


def place(command: CasePlace, context: Context, timeline: Timeline) -> Verdict:
    """Record the real household of a provisional one, and ask that household's router what it holds."""
    case = timeline.case
    if not case.provisional or case.state in ENDED:
        return context.refused(case, Refusal.WRONG_STATE)
    if command.real_household_id == case.household_id:
        return context.refused(case, Refusal.SAME_CASE)
    placed = Placed(household_id=command.real_household_id, at=command.received_at, by=command.actor.id)
    timeline.set(placed=placed)
    timeline.tell("placed", command.actor, real_household_id=command.real_household_id)
    ask_what_it_holds(timeline.case, placed, context)
    return context.done(timeline)


def ask_what_it_holds(case: CaseRecord, placed: Placed, context: Context) -> None:
    """Ask the router of the household a case was placed in."""
    ask = HouseholdAsk(
        command_id=ids.derived("household-ask", case.case_id, case.version),
        actor=ROUTER,
        received_at=context.now,
        answer=False,
        household_id=placed.household_id,
        case_id=case.case_id,
        case_household_id=case.household_id,
    )
    ask_owner("household_ask", ask, placed.household_id, step=context.step, cause=context.cause)


def tell_holdings(command: HouseholdAsk, context: Context) -> Verdict:
    """Another household's case was placed here: say who lives here and what they hold, and nothing personal."""
    known = context.partition.households.get(command.household_id)
    told = HouseholdTell(
        command_id=ids.derived("household-tell", command.command_id),
        actor=ROUTER,
        received_at=context.now,
        answer=False,
        household_id=command.case_household_id,
        case_id=command.case_id,
        real_household_id=command.household_id,
        known=known is not None,
        household_version=known.version if known else 0,
        body=without_personal(known.body) if known else HouseholdBody(),
    )
    ask_owner("household_tell", told, command.case_household_id, step=context.step, cause=context.cause)
    return Verdict(command.household_id, told.household_version)


def hear_holdings(command: HouseholdTell, context: Context, timeline: Timeline) -> Verdict:
    """Decide coverage again on the real household's snapshot: services may be added; what the floor gave stays."""
    case = timeline.case
    if case.placed is None or case.placed.household_id != command.real_household_id or not command.known:
        return context.refused(case, Refusal.WRONG_STATE)
    snapshot = {"household_version": command.household_version, "body": command.body}
    placed = case.placed.model_copy(update=snapshot)
    timeline.set(
        placed=placed, country=case.country or command.body.country, language=case.language or command.body.language
    )
    if case.state not in ENDED:
        why = decide_again(
            timeline, case, at=command.received_at, partition=context.partition, catalogue=context.catalogue
        )
        timeline.tell(
            "coverage_decided",
            real_household_id=command.real_household_id,
            household_version=command.household_version,
            member=timeline.case.member,
            explanations=why[1:],
        )
    return context.done(timeline)
