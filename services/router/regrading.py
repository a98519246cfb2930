"""What changes with a case's band? Its promises, and where its tracks wait: what somebody has, or had done, stays as it is."""

from schemas.case_commands import CaseLower
from schemas.commands import CaseRaise
from schemas.reports import ReportBody
from schemas.words import Band, Refusal
from services.router.context import Context
from services.router.deciding import decide_again, rebase_case
from services.router.learning import open_signals, seen_by_triage
from services.router.timeline import Timeline
from services.router.tracking import send_changed
from services.rules.answered import Verdict
from services.rules.lifecycle import ENDED
from services.rules.lowering import may_lower
from services.rules.retriage import retriage


def raise_band(command: CaseRaise, context: Context, timeline: Timeline) -> Verdict:
    """A human raises the band; a band that is no more urgent is refused. In P0 everything opens, whatever the contract says."""
    case = timeline.case
    if case.state in ENDED or command.band.rank >= case.band.rank:
        return context.refused(case, Refusal.WRONG_STATE)
    timeline.set(band=command.band)
    rebase_case(timeline, case, context.catalogue, actor=command.actor, reason=command.reason)
    if command.band is Band.P0:
        decide_again(timeline, case, at=command.received_at, partition=context.partition, catalogue=context.catalogue)
    else:
        send_changed(timeline, case, context.catalogue)
    return context.done(timeline)


def lower_band(command: CaseLower, context: Context, timeline: Timeline) -> Verdict:
    """A human lowers the band, with a reason, while no safety signal is open (DOMAIN section 3)."""
    case = timeline.case
    if case.state in ENDED or command.band.rank <= case.band.rank:
        return context.refused(case, Refusal.WRONG_STATE)
    refused = may_lower(command.actor.role, command.reason, open_signals(case))
    if refused is not None:
        return context.refused(case, refused)
    holding = retriage(seen_by_triage(case), ReportBody(), received_at=command.received_at, catalogue=context.catalogue)
    overruled = tuple(dict.fromkeys((*case.overruled, *holding.reasons)))
    timeline.set(band=command.band, overruled=overruled)
    rebase_case(timeline, case, context.catalogue, actor=command.actor, reason=command.reason)
    send_changed(timeline, case, context.catalogue)
    return context.done(timeline)
