"""What agents and supervisors may say about a case when they change it."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Id
from schemas.personal import Personal
from schemas.reports import Codes, ReportBody
from schemas.words import Band, Pillar, Signal
from services.intake.asks import Ask, PlainCode, Uuid

Pillars = Annotated[tuple[Pillar, ...], Field(max_length=4)]


class Update(Ask):
    """What became known: facts as a report says them, codes that turned out not to fit, safety signals closed (by those who may,
    with a reason), help that the victim does not want."""

    facts: ReportBody = ReportBody()
    dropped_codes: Codes = ()
    closed_signals: Annotated[tuple[Signal, ...], Field(max_length=8)] = ()
    declined: Pillars = ()
    reason: PlainCode | None = None


class Lower(Ask):
    """Lower the band; refused while a safety signal is open."""

    band: Band
    reason: PlainCode


class Close(Ask):
    """End a case; `safety_checked`: a human asked about safety, which a self-harm case needs."""

    reason: PlainCode
    safety_checked: bool = False


class Reopen(Ask):
    """Take a case up again: these pillars, or all that were at work."""

    reason: PlainCode
    pillars: Pillars = ()


class Merge(Ask):
    """This case goes on in another one of its household."""

    into_case_id: Uuid
    reason: PlainCode
    other_code_word: Personal | None = Field(
        default=None, description="of the other case, when it is covert by another word"
    )


class Split(Ask):
    """Part of the case becomes a case of its own: a code and what goes with it, and reports that told of it."""

    code: Code
    secondary_codes: Codes = ()
    reports: Annotated[tuple[Id, ...], Field(max_length=32)] = ()
    reason: PlainCode


class Link(Ask):
    """Another case of the household has to do with this one, or its people are on the other side."""

    other_case_id: Uuid
    other_code_word: Personal | None = Field(
        default=None, description="of the other case, when it is covert by another word"
    )
    kind: Literal["related", "repeated", "opposite_sides"]
    reason: PlainCode


class Reroute(Ask):
    """Send the track of a pillar to another region's desk."""

    pillar: Pillar
    region: Code
    reason: PlainCode


class Place(Ask):
    """The household to which a caller nobody could place belongs."""

    household_id: Uuid
