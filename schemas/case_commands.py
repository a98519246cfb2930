"""Commands that change what a case is: its facts, band, tracks, end, and its ties to other cases, a household or a campaign."""

from typing import Annotated

from pydantic import Field

from schemas.base import Code, Id, Instant
from schemas.campaigns import CampaignCounted
from schemas.commands import CASE_COMMANDS, CaseCommand, Command, command_type
from schemas.households import HouseholdBody
from schemas.reports import Codes, Detections, ReportBody
from schemas.words import Band, LinkKind, Pillar, Signal

Pillars = Annotated[tuple[Pillar, ...], Field(max_length=4)]
Reports = Annotated[tuple[Id, ...], Field(max_length=32)]


class CaseUpdate(CaseCommand):
    """What became known since: `facts` as a report would say them (empty fields say nothing), codes that turned out not to fit,
    signals a human closes with the reason, pillars whose help the victim does not want. `detected` are the signals among
    `facts.signals` that intake saw in the free text."""

    facts: ReportBody = ReportBody()
    detected: Detections = ()
    dropped_codes: Codes = ()
    closed_signals: Annotated[tuple[Signal, ...], Field(max_length=8)] = ()
    declined: Pillars = ()
    reason: Code | None = None


class CaseLower(CaseCommand):
    """A human lowers the band, with a reason; refused while a safety signal is open (DOMAIN section 3)."""

    band: Band
    reason: Code


class CaseClose(CaseCommand):
    """End a case; `safety_checked` says that a human asked about safety, which a self-harm case needs (DOMAIN section 4)."""

    reason: Code
    safety_checked: bool = False


class CaseReopen(CaseCommand):
    """Take a case up again: these pillars, or all that were at work."""

    reason: Code
    pillars: Pillars = ()


class CaseMerge(CaseCommand):
    """This case is the same as `into_case_id` and goes on there; `into_household_id` is whose that case is."""

    into_case_id: Id
    into_household_id: Id
    reason: Code


class CaseSplit(CaseCommand):
    """Part of this case is another problem: `code` (and what goes with it) becomes a case of its own, these reports with it."""

    code: Code
    secondary_codes: Codes = ()
    reports: Reports = ()
    reason: Code


class CaseLink(CaseCommand):
    """Two cases of one household have to do with each other; `opposite_sides` puts a wall between them."""

    other_case_id: Id
    other_household_id: Id
    kind: LinkKind
    reason: Code


class CaseReroute(CaseCommand):
    """Move one track to the desk of another region."""

    pillar: Pillar
    region: Code
    reason: Code


class CasePlace(CaseCommand):
    """The caller nobody could place belongs to this household; the case stays under its provisional one."""

    real_household_id: Id


class CaseLookedUp(CaseCommand):
    """Somebody asked for a covert case by its reference; `found` says whether the code word was right."""

    found: bool


class HouseholdAsk(Command):
    """The router of a case placed in `household_id` asks that household's router what it holds."""

    household_id: Id
    case_id: Id
    case_household_id: Id


class HouseholdTell(CaseCommand):
    """The answer: a real household's snapshot, without anything personal; `known` is whether there is one."""

    real_household_id: Id
    known: bool
    household_version: int
    body: HouseholdBody = HouseholdBody()


class CampaignTell(Command):
    """A case tells its campaign how it stands; a newer `case_version` replaces an older one."""

    campaign_id: Id
    sponsor_id: Id | None = None
    case_id: Id
    case_version: int
    counted: CampaignCounted
    at: Instant


ROUTER_COMMANDS: dict[str, type[Command]] = {
    **CASE_COMMANDS,
    command_type("update"): CaseUpdate,
    command_type("lower"): CaseLower,
    command_type("close"): CaseClose,
    command_type("reopen"): CaseReopen,
    command_type("merge"): CaseMerge,
    command_type("split"): CaseSplit,
    command_type("link"): CaseLink,
    command_type("reroute"): CaseReroute,
    command_type("place"): CasePlace,
    command_type("looked_up"): CaseLookedUp,
    command_type("household_ask"): HouseholdAsk,
    command_type("household_tell"): HouseholdTell,
    command_type("campaign_tell"): CampaignTell,
}
