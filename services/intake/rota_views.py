"""What is shown of rotas: layers and changes, who is on duty, what nobody covers, how good a rota is."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from schemas.base import Actor, Instant
from schemas.catalogue import Catalogue
from schemas.desk_records import ResponderRecord
from schemas.gaps import GapReason, GapRecord
from schemas.rotas import Layer, Leave, Override, RotaRecord, Swap
from schemas.words import Band, Presence
from services.intake.views import View
from services.rules.cells import cells_of
from services.rules.coverage_ahead import unfit
from services.rules.rota import on_duty
from services.rules.rota_quality import Overload, Quality


class RotaView(View):
    """A desk's rota as last changed."""

    desk_id: str
    version: int
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...]
    swaps: tuple[Swap, ...]
    leave: tuple[Leave, ...]


class SeatView(View):
    """A layer at an instant: who sits there, since when and until when; nobody has a `reason`. `presence` is that of now."""

    layer: str
    begins: Instant
    ends: Instant
    planned: str | None = None
    responder_id: str | None = None
    reason: GapReason | None = None
    presence: Presence | None = None


class DeskOnDuty(View):
    """A desk at an instant; `reason` when it has no seat that wants anybody then."""

    desk_id: str
    seats: tuple[SeatView, ...]
    reason: GapReason | None = None


class OnDuty(View):
    """Who is on duty at every desk at an instant."""

    at: Instant
    desks: tuple[DeskOnDuty, ...]


class GapView(View):
    """What nobody covers: `<skill>/<language>[/<clearance>]`, from when, until when (none: beyond what was looked at), and why.

    `now`: of who is there and has room at this moment; the others are of the rota. A provider took its page at `delivered_at`.
    """

    begins: Instant
    ends: Instant | None = None
    cells: tuple[str, ...]
    reasons: tuple[GapReason, ...]
    now: bool = False
    page_id: str | None = None
    band: Band | None = None
    delivered_at: Instant | None = None
    acknowledged_at: Instant | None = None
    acknowledged_by: Actor | None = None


class DeskCoverage(View):
    """A desk's gaps, the soonest first."""

    desk_id: str
    gaps: tuple[GapView, ...]


class Coverage(View):
    """What nobody covers at any desk from now until an instant; a desk without gaps is covered for all its region may need."""

    until: Instant
    desks: tuple[DeskCoverage, ...]


class TooMuchView(View):
    """A shift that is too long, or begins too soon after the one before; `hours` is how long it, or the rest, is."""

    responder_id: str
    why: Overload
    begins: Instant
    hours: float


class QualityView(View):
    """How good a rota is between two instants."""

    desk_id: str
    begins: Instant
    ends: Instant
    gaps_percent: float = Field(description="of the time that is to be staffed, nobody covers so much")
    balance_percent: float = Field(description="the least hours to the most, of everybody on the rota")
    hours: dict[str, float]
    overload: tuple[TooMuchView, ...]


def rota_view(rota: RotaRecord) -> RotaView:
    """A rota as shown."""
    return RotaView.model_validate({name: getattr(rota, name) for name in RotaView.model_fields})


def desk_on_duty(
    desk_id: str, rota: RotaRecord | None, roster: Mapping[str, ResponderRecord], at: datetime, *, now: bool
) -> DeskOnDuty:
    """Every seat of a desk that wants somebody at an instant. Whoever could not be reached is not on duty."""
    found = on_duty(rota, at) if rota is not None else []
    cannot = unfit((one.who for one in found if one.who), {who: record.entry for who, record in roster.items()})
    seats = tuple(
        SeatView(
            layer=one.layer,
            begins=one.begins,
            ends=one.ends,
            planned=one.planned,
            responder_id=one.who if one.who not in cannot else None,
            reason=one.reason or cannot.get(one.who or ""),
            presence=roster[one.who].presence if now and one.who is not None and one.who in roster else None,
        )
        for one in found
    )
    missing = GapReason.NO_ROTA if rota is None else None if seats else GapReason.NOBODY_PLANNED
    return DeskOnDuty(desk_id=desk_id, seats=seats, reason=missing)


def coverage_of(
    desk_id: str, rota: RotaRecord | None, gaps: Iterable[GapRecord], catalogue: Catalogue, *, now: datetime
) -> DeskCoverage:
    """A desk's gaps; without a rota everything is one, from now on."""
    if rota is None:
        cells = tuple(cell.name for cell in cells_of(desk_id, catalogue))
        return DeskCoverage(desk_id=desk_id, gaps=(GapView(begins=now, cells=cells, reasons=(GapReason.NO_ROTA,)),))
    return DeskCoverage(desk_id=desk_id, gaps=tuple(_gap_view(one) for one in gaps if one.desk_id == desk_id))


def _gap_view(gap: GapRecord) -> GapView:
    told = {name: getattr(gap, name) for name in GapView.model_fields if name != "now"}
    return GapView.model_validate({**told, "now": gap.live})


def quality_view(desk_id: str, judged: Quality, *, begins: datetime, ends: datetime) -> QualityView:
    """A judgement as shown."""
    return QualityView(
        desk_id=desk_id,
        begins=begins,
        ends=ends,
        gaps_percent=judged.gaps_percent,
        balance_percent=judged.balance_percent,
        hours=judged.hours,
        overload=tuple(
            TooMuchView(
                responder_id=one.responder_id,
                why=one.why,
                begins=one.begins,
                hours=round(one.lasts.total_seconds() / 3_600, 1),
            )
            for one in judged.overload
        ),
    )
