"""What responders and supervisors are shown of how people are reached."""

from pydantic import Field

from schemas.base import Actor, Instant
from schemas.desk_records import DrillRowRecord, ResponderRecord
from services.intake.reach_queries import DrillFound
from services.intake.views import View
from services.rules.reaching import address_of


class MethodView(View):
    """One of my contact methods; `code_sent_at` while a code that was sent over it was not said back."""

    method: int = Field(description="its place in the roster entry, from 0")
    kind: str
    verified: bool
    address: str | None = None
    code_sent_at: Instant | None = None


class MethodList(View):
    """My contact methods, in the order of the roster entry."""

    methods: tuple[MethodView, ...]


class WayView(View):
    """One contact method in a drill: when a provider took its notice, or that nobody did; when it was answered."""

    method: int
    kind: str
    told_at: Instant | None = None
    failed_at: Instant | None = None
    answered_at: Instant | None = None


class DrilledView(View):
    """Somebody in a drill; without `ways` there was no verified method to reach them by."""

    responder_id: str
    answered: bool
    ways: tuple[WayView, ...]


class DrillView(View):
    """A reachability drill: who answered and who did not; `complete` once everybody was rung."""

    drill_id: str
    desk_id: str
    by: Actor
    started_at: Instant
    complete: bool
    answered: int
    responders: tuple[DrilledView, ...]


def methods_view(record: ResponderRecord) -> MethodList:
    """Somebody's own methods."""
    sent = {one.method: one.at for one in record.verifying}
    return MethodList(
        methods=tuple(
            MethodView(
                method=place,
                kind=one.kind,
                verified=one.verified,
                address=address_of(record.entry, place),
                code_sent_at=sent.get(place),
            )
            for place, one in enumerate(record.entry.methods)
        )
    )


def drill_view(found: DrillFound) -> DrillView:
    """A drill as it stands."""
    responders = tuple(_drilled(row) for row in found.rows)
    drill = found.drill
    return DrillView(
        drill_id=drill.drill_id,
        desk_id=drill.desk_id,
        by=drill.by,
        started_at=drill.started_at,
        complete=drill.rung,
        answered=sum(one.answered for one in responders),
        responders=responders,
    )


def _drilled(row: DrillRowRecord) -> DrilledView:
    ways = tuple(WayView.model_validate(way.model_dump(include=set(WayView.model_fields))) for way in row.ways)
    answered = any(way.answered_at is not None for way in ways)
    return DrilledView(responder_id=row.responder_id, answered=answered, ways=ways)
