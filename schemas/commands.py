"""Commands: what a human, a partner or a service asks of the single writer of a household or a desk. Each ends in one outcome."""

from typing import Annotated

from pydantic import Field

from schemas.base import Actor, Code, Fact, Id, Instant, usual
from schemas.households import HouseholdBody
from schemas.personal import Personal, PersonalPart
from schemas.rosters import RosterEntry
from schemas.words import Band, Pillar, Presence


def command_type(verb: str) -> str:
    """The CloudEvents type of a command."""
    return f"eu.sameroof.command.v1.{verb}"


class Command(Fact):
    """Every command: an id that a retry repeats, who gave it, when we took it, the version its author saw, whether an answer is awaited."""

    command_id: Id
    actor: Actor
    received_at: Instant
    expected_version: int | None = None
    answer: bool = True


class HouseholdPut(Command):
    """Replace what we know of a household."""

    household_id: Id
    body: HouseholdBody


class CaseCommand(Command):
    """A command on one case of one household."""

    household_id: Id
    case_id: Id


class NotePersonal(PersonalPart):
    """The text of a note."""

    text: Personal


class CaseNote(CaseCommand):
    """A note on the case's timeline; `pillar` seals it to one pillar, `track_id` names the track it came from.

    `milestone` says that the note tells of one of the track's milestones reached: that meets its promise.
    """

    pillar: Pillar | None = None
    track_id: Id | None = None
    milestone: Code | None = None
    personal: NotePersonal


class CaseRaise(CaseCommand):
    """Raise the band; never refused for a stale version."""

    band: Band
    reason: Code


class PageRequest(Command):
    """Intake asks for, or records, a page under the id the router would derive (the dead man, DESIGN section 8)."""

    household_id: Id
    page_id: Id
    case_id: Id
    track_id: Id
    recipient: Code
    reason: Code
    delivered_at: Instant | None = None


class PageAcknowledge(Command):
    """A human has seen a page; `household_id` is the key under which its issuer waits."""

    household_id: Id
    page_id: Id


class Receipt(Command):
    """The pager tells a notice's issuer that a provider took it (or that nobody could be reached)."""

    issuer_key: Id
    notice_id: Id
    track_id: Id
    delivered: bool
    method: Code
    delivered_at: Instant


class DeskCommand(Command):
    """A command to one desk (`commands.<pillar>`, partitioned by `desk_id`)."""

    desk_id: Id


class ResponderPut(DeskCommand):
    """Enter or replace a responder in a desk's roster."""

    entry: RosterEntry


class PresenceSet(DeskCommand):
    """A responder says whether work may be offered; with `heartbeat_seconds` their device promises a beat that often."""

    responder_id: Id
    presence: Presence
    heartbeat_seconds: Annotated[int, Field(ge=5, le=3_600)] | None = None


class OfferCommand(DeskCommand):
    """An answer to one offer, by the responder it was made to."""

    responder_id: Id
    offer_id: Id
    track_id: Id
    reason: Code | None = None


class TrackCommand(DeskCommand):
    """What the owner of a track says about it: contacted, wait, resume, done, handover, conflict."""

    responder_id: Id
    track_id: Id
    result: Code | None = None
    next_contact_at: Instant | None = None


class DeskPause(DeskCommand):
    """Offer nothing but a P0 at this desk (`paused`), or everything again; a dry run changes nothing."""

    paused: bool
    reason: Code
    dry_run: bool = False


class ResponderDrain(DeskCommand):
    """Ask a responder no more (`drained`), or again: what they have stays theirs; a dry run changes nothing."""

    responder_id: Id
    drained: bool
    reason: Code
    dry_run: bool = False


class TrackAssign(DeskCommand):
    """A supervisor gives a track to a responder; capacity is exceeded only with a reason; a dry run changes nothing. With
    `only_waiting` it is taken from nobody who has accepted it meanwhile."""

    track_id: Id
    responder_id: Id
    reason: Code | None = None
    dry_run: bool = False
    only_waiting: bool = usual(False)  # noqa: FBT003 - the field's own default


class NoticeSeen(DeskCommand):
    """A responder has seen what this notice told them: they are rung no more about the offer; or they answer a drill, over this `method`.

    Of a drill, `track_id` is its id.
    """

    responder_id: Id
    notice_id: Id
    track_id: Id
    offer_id: Id | None = None
    method: int | None = None


class MethodVerify(DeskCommand):
    """A responder wants a code sent over one of their contact methods, by its place in the roster."""

    responder_id: Id
    method: int


class MethodVerified(DeskCommand):
    """A responder said back the code that this notice brought: the method works, and is theirs."""

    responder_id: Id
    method: int
    notice_id: Id


class DrillStart(DeskCommand):
    """A supervisor wants to know who of a desk is reached, or whether one responder is."""

    drill_id: Id
    responder_id: Id | None = None


CASE_COMMANDS: dict[str, type[Command]] = {
    command_type("household_put"): HouseholdPut,
    command_type("raise"): CaseRaise,
    command_type("note"): CaseNote,
    command_type("page"): PageRequest,
    command_type("acknowledge"): PageAcknowledge,
    command_type("receipt"): Receipt,
}
DESK_COMMANDS: dict[str, type[Command]] = {
    command_type("responder_put"): ResponderPut,
    command_type("presence"): PresenceSet,
    command_type("accept"): OfferCommand,
    command_type("decline"): OfferCommand,
    **{command_type(verb): TrackCommand for verb in ("contacted", "wait", "resume", "done", "handover", "conflict")},
    command_type("assign"): TrackAssign,
    command_type("desk_pause"): DeskPause,
    command_type("responder_drain"): ResponderDrain,
    command_type("receipt"): Receipt,
    command_type("seen"): NoticeSeen,
    command_type("verify_method"): MethodVerify,
    command_type("method_verified"): MethodVerified,
    command_type("drill"): DrillStart,
}
