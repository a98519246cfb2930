"""Which decision does a command ask for? Each changes its record or not, and ends in one outcome."""

from collections.abc import Callable

from schemas import topics
from schemas.case_commands import (
    CampaignTell,
    CaseClose,
    CaseLink,
    CaseLookedUp,
    CaseLower,
    CaseMerge,
    CasePlace,
    CaseReopen,
    CaseReroute,
    CaseSplit,
    CaseUpdate,
    HouseholdAsk,
    HouseholdTell,
)
from schemas.commands import (
    CaseCommand,
    CaseNote,
    CaseRaise,
    Command,
    HouseholdPut,
    PageAcknowledge,
    PageRequest,
    Receipt,
)
from schemas.households import HouseholdRecord
from schemas.words import Refusal
from services.router.context import Context
from services.router.ending import close, reopen
from services.router.joining import link, merge
from services.router.keeping import Moment, reach
from services.router.paging import acknowledge, note_receipt, take_over
from services.router.placing import hear_holdings, place, tell_holdings
from services.router.regrading import lower_band, raise_band
from services.router.rerouting import reroute
from services.router.splitting import split
from services.router.timeline import SOURCE, Timeline
from services.router.updating import update
from services.rules.answered import Outcomes, Verdict, answer_once

NEVER_STALE = (CaseNote, CaseRaise, CaseLookedUp, HouseholdTell)
SUBJECT = {PageAcknowledge: "page_id", Receipt: "notice_id", CampaignTell: "campaign_id", PageRequest: "case_id"}


def answer(command: Command, context: Context) -> None:
    """Carry out a command, or give the answer it got the first time."""
    answer_once(
        command,
        _subject_of(command),
        answers=context.partition.answers,
        outcomes_to=Outcomes(SOURCE, context.step, context.now, context.cause),
        carry_out=lambda: _carry_out(command, context),
    )


def _subject_of(command: Command) -> str:
    usual = "case_id" if isinstance(command, CaseCommand) else "household_id"
    return str(getattr(command, SUBJECT.get(type(command), usual)))


def _carry_out(command: Command, context: Context) -> Verdict:
    if not isinstance(command, CaseCommand):
        return _OTHERS[type(command)](command, context)
    timeline = context.timeline(command.case_id)
    if timeline is None:
        return Verdict(command.case_id, 0, Refusal.NOT_FOUND)
    if _is_stale(command, context, timeline):
        return context.refused(timeline.case, Refusal.STALE_VERSION)
    return _ON_CASES[type(command)](command, context, timeline)


def _is_stale(command: CaseCommand, context: Context, timeline: Timeline) -> bool:
    """Whether the case is not what its author saw; what was merged away since is another case."""
    if command.expected_version is None or isinstance(command, NEVER_STALE):
        return False
    seen = context.partition.cases.get(command.case_id)
    merged = seen is not None and seen.merged_into is not None
    return merged or command.expected_version != timeline.case.version


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


def _count(command: CampaignTell, context: Context) -> Verdict:
    version = context.partition.campaigns.hear(command, context.step, context.now)
    return Verdict(command.campaign_id, version)


def _note(command: CaseNote, context: Context, timeline: Timeline) -> Verdict:
    personal = {"text": command.personal.text}
    told = {"pillar": command.pillar, "track_id": command.track_id, "milestone": command.milestone}
    timeline.tell("noted", command.actor, personal=personal, **told)
    track = timeline.track(command.track_id) if command.track_id else None
    if track is not None and command.milestone is not None:
        reach(timeline, track, command.milestone, Moment(command.received_at, command.actor, context.catalogue))
    return context.done(timeline)


def _look_up(command: CaseLookedUp, context: Context, timeline: Timeline) -> Verdict:
    timeline.tell("looked_up", command.actor, found=command.found)
    return context.done(timeline)


_OTHERS: dict[type[Command], Callable[..., Verdict]] = {
    HouseholdPut: _put_household,
    HouseholdAsk: tell_holdings,
    CampaignTell: _count,
    PageRequest: take_over,
    PageAcknowledge: acknowledge,
    Receipt: note_receipt,
}
_ON_CASES: dict[type[CaseCommand], Callable[..., Verdict]] = {
    CaseNote: _note,
    CaseRaise: raise_band,
    CaseUpdate: update,
    CaseLower: lower_band,
    CaseClose: close,
    CaseReopen: reopen,
    CaseMerge: merge,
    CaseSplit: split,
    CaseLink: link,
    CaseReroute: reroute,
    CasePlace: place,
    CaseLookedUp: _look_up,
    HouseholdTell: hear_holdings,
}
