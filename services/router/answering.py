"""Which decision does a command ask for? Each changes its record or not, and ends in one outcome."""

from collections.abc import Callable

from schemas import topics
from schemas.commands import CaseNote, CaseRaise, Command, HouseholdPut, PageAcknowledge, PageRequest, Receipt
from schemas.households import HouseholdRecord
from schemas.words import Refusal
from services.router.context import Context
from services.router.paging import acknowledge, note_receipt, take_over
from services.router.regrading import raise_band
from services.router.timeline import SOURCE
from services.rules.answered import Outcomes, Verdict, answer_once


def answer(command: Command, context: Context) -> None:
    """Carry out a command, or give the answer it got the first time."""
    answer_once(
        command,
        _subject_of(command),
        answers=context.partition.answers,
        outcomes_to=Outcomes(SOURCE, context.step, context.now, context.cause),
        carry_out=lambda: _DECISIONS[type(command)](command, context),
    )


def _subject_of(command: Command) -> str:
    if isinstance(command, (CaseNote, CaseRaise, PageRequest)):
        return command.case_id
    if isinstance(command, PageAcknowledge):
        return command.page_id
    if isinstance(command, Receipt):
        return command.notice_id
    assert isinstance(command, HouseholdPut)
    return command.household_id


def _put_household(command: HouseholdPut, context: Context) -> Verdict:
    before = context.partition.households.get(command.household_id)
    version = before.version if before else 0
    if command.expected_version is not None and command.expected_version != version:
        return Verdict(command.household_id, version, Refusal.STALE_VERSION)
    extra = before.model_extra or {} if before else {}
    record = HouseholdRecord.model_validate(
        extra
        | {
            "household_id": command.household_id,
            "version": version + 1,
            "changed_at": context.now,
            "body": command.body,
        }
    )
    context.partition.households[command.household_id] = record
    context.step.save(topics.HOUSEHOLDS, command.household_id, record)
    return Verdict(command.household_id, version + 1)


def _note(command: CaseNote, context: Context) -> Verdict:
    timeline = context.timeline(command.case_id)
    if timeline is None:
        return Verdict(command.case_id, 0, Refusal.NOT_FOUND)
    personal = {"text": command.personal.text}
    timeline.tell("noted", command.actor, pillar=command.pillar, track_id=command.track_id, personal=personal)
    timeline.save(context.partition)
    return Verdict(command.case_id, timeline.case.version)


_DECISIONS: dict[type[Command], Callable[..., Verdict]] = {
    HouseholdPut: _put_household,
    CaseNote: _note,
    CaseRaise: raise_band,
    PageRequest: take_over,
    PageAcknowledge: acknowledge,
    Receipt: note_receipt,
}
