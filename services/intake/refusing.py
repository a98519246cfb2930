"""Why was a command refused? The reason from the closed list, and what it means for this command, in words of ours."""

from collections.abc import Mapping

from schemas.case_commands import (
    CaseClose,
    CaseLower,
    CaseMerge,
    CasePlace,
    CaseReopen,
    CaseReroute,
    CaseSplit,
    CaseUpdate,
)
from schemas.commands import (
    CaseCommand,
    CaseRaise,
    Command,
    DrillStart,
    HouseholdPut,
    MethodVerified,
    MethodVerify,
    NoticeSeen,
    PresenceSet,
    ResponderPut,
    TrackAssign,
)
from schemas.outcomes import OutcomeRefused
from schemas.rota_commands import RotaLeave, RotaOverride, RotaPut, RotaSwap
from schemas.words import Refusal
from schemas.workshops import WorkshopCancel, WorkshopHeld, WorkshopPlan, WorkshopTracks
from services.intake.calling import etag
from services.intake.problems import OF_REFUSAL, Problem

NOT_INVITED = "the track does not hold group workshops, or must not be in this one"
MEANT: Mapping[tuple[type[Command], Refusal], str] = {
    (CaseRaise, Refusal.WRONG_STATE): "only an open case is raised, and only to a more urgent band than it has",
    (CaseLower, Refusal.WRONG_STATE): "only an open case is lowered, and only to a less urgent band than it has",
    (CaseUpdate, Refusal.WRONG_STATE): "the case has ended; reopen it first",
    (CaseClose, Refusal.WRONG_STATE): "the case has ended already",
    (
        CaseReopen,
        Refusal.WRONG_STATE,
    ): "only a case that is resolved, followed up or closed is reopened, and only tracks that ended",
    (CaseMerge, Refusal.WRONG_STATE): "one of the cases has ended, or only one of them is a drill",
    (CaseSplit, Refusal.WRONG_STATE): "the case has ended",
    (
        CaseSplit,
        Refusal.NOT_FOUND,
    ): "the case has no such report or code; a code it has not comes with the reports that told of it",
    (
        CaseSplit,
        Refusal.NOTHING_LEFT,
    ): "the code a case is about stays with it unless reports go along, and one of its reports stays in any case",
    (CaseReroute, Refusal.WRONG_STATE): "the track has ended, or is there already",
    (CaseReroute, Refusal.NOT_FOUND): "the case has no such track, or there is no such region",
    (CasePlace, Refusal.WRONG_STATE): "only the open case of a caller nobody could place is placed",
    (
        PresenceSet,
        Refusal.NOT_ELIGIBLE,
    ): "no contact method of yours is verified: have a code sent with :verify, say it back with :confirm",
    (MethodVerify, Refusal.WRONG_STATE): "it is verified already, or has nothing to verify",
    (MethodVerify, Refusal.NOT_FOUND): "you have no such contact method",
    (MethodVerified, Refusal.WRONG_STATE): "the code is over, or the address has changed since: ask for another",
    (DrillStart, Refusal.NOT_FOUND): "no such responder at this desk",
    (NoticeSeen, Refusal.NOT_FOUND): "no such drill rang you over this method",
    **dict.fromkeys(
        ((model, Refusal.WRONG_STATE) for model in (RotaPut, RotaOverride, RotaLeave)),
        "the rota would be larger than it may be; take back what nobody needs any more",
    ),
    (RotaOverride, Refusal.NOT_FOUND): "no such layer or override, or nobody of this name at the desk",
    (RotaLeave, Refusal.NOT_FOUND): "no such leave, or nobody of this name at the desk",
    (RotaSwap, Refusal.NOT_FOUND): "no such layer or swap, or nobody of this name at the desk",
    (RotaSwap, Refusal.NOT_YOURS): "who was asked accepts or declines; who asked withdraws",
    (RotaSwap, Refusal.WRONG_STATE): "it was answered or withdrawn already, or it is over",
    (WorkshopPlan, Refusal.WRONG_STATE): "too many seats, too long, or not in the future",
    (WorkshopPlan, Refusal.NOT_ELIGIBLE): "who would lead it leads another one then",
    (WorkshopPlan, Refusal.NOT_YOURS): "a responder plans what they lead themselves",
    (WorkshopTracks, Refusal.WRONG_STATE): "it is over or cancelled; or it has begun, is full, or nobody has the track",
    (WorkshopTracks, Refusal.NOT_FOUND): "the desk has no such open track, or it is not in the workshop",
    (WorkshopTracks, Refusal.NOT_ELIGIBLE): NOT_INVITED,
    (
        WorkshopTracks,
        Refusal.NOT_YOURS,
    ): "a responder invites what is theirs; who leads a workshop also takes out of it",
    (WorkshopHeld, Refusal.NOT_FOUND): "a track was not invited",
    (
        WorkshopHeld,
        Refusal.WRONG_STATE,
    ): "it has not begun, or is over already",
    (WorkshopCancel, Refusal.WRONG_STATE): "it is over already",
    **dict.fromkeys(
        ((model, Refusal.NOT_YOURS) for model in (WorkshopHeld, WorkshopCancel)),
        "who leads a workshop, or a supervisor, says what became of it",
    ),
    (
        TrackAssign,
        Refusal.NOT_ELIGIBLE,
    ): "they are full, which a reason gets past; or of another desk, or may have nothing to do with this household",
    (TrackAssign, Refusal.NOT_FOUND): "no such responder at the track's desk, or the track has ended",
}


def problem_of_outcome(command: Command, refused: OutcomeRefused) -> Problem:
    """A refused command as a problem; for a stale version with the one that counts now, as ETag too."""
    code = OF_REFUSAL[refused.reason]
    if refused.reason is not Refusal.STALE_VERSION:
        return Problem(code, MEANT.get((type(command), refused.reason)))
    if isinstance(command, CaseCommand) and refused.subject != command.case_id:
        return Problem(code, "it goes on in another case; read it again")
    put = isinstance(command, (HouseholdPut, ResponderPut, RotaPut))
    if put and refused.version == 0:
        return Problem(code, "it does not exist yet: If-None-Match: * makes it")
    exists = "it exists already, at" if put and command.expected_version == 0 else "it is now at"
    headers = {"ETag": etag(refused.version)}
    return Problem(code, f"{exists} version {refused.version}", headers=headers)
