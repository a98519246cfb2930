"""What does whoever takes over a desk have to know? Open P0 and P1, contacts due, gaps and workshops soon, unseen pages, who is there."""

import sqlite3
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from schemas.base import Instant
from schemas.catalogue import Catalogue
from schemas.desk_records import DeskTrackRecord
from schemas.envelope import rfc3339
from schemas.words import Band, Pillar, Presence, TrackState
from services.intake import board, rota_queries
from services.intake.at_desk import known_desk
from services.intake.calling import Supervisor, TheApi
from services.intake.desk_views import OpenPage
from services.intake.queries import Query as Asked
from services.intake.rota_views import GapView, coverage_of
from services.intake.views import View
from services.intake.workshops_shown import WorkshopView, planned
from services.rules.lifecycle import OPEN

Hours = Annotated[int, Query(ge=1, le=72, description="how far ahead to look for contacts that are due")]
MOST_SHOWN = 500
URGENT = (Band.P0, Band.P1)


class Handed(View):
    """An open track: whose it is, by when its victim is to hear from us, whether somebody covers for its owner or it is set aside."""

    track_id: str
    case_id: str
    band: Band
    state: TrackState
    owner: str | None = None
    acknowledge_by: Instant
    contact_by: Instant | None = None
    covered_by: str | None = None
    set_aside: bool = False


class Handover(View):
    """A desk at one instant; covert cases and drills are not shown."""

    desk_id: str
    pillar: Pillar
    at: Instant
    paused: bool
    on_duty: tuple[str, ...]
    urgent: tuple[Handed, ...]
    contacts_due: tuple[Handed, ...]
    gaps: tuple[GapView, ...]
    workshops: tuple[WorkshopView, ...]
    pages: tuple[OpenPage, ...]


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["supervisors"])
    router.add_api_route(
        "/v1/desks/{desk_id}/handover",
        handover,
        methods=["GET"],
        response_model=Handover,
        response_model_exclude_none=True,
    )
    return router


async def handover(api: TheApi, _: Supervisor, desk_id: str, *, hours: Hours = 12) -> Handover:
    """The sheet for whoever takes over a desk: open P0 and P1, what is due or begins within `hours`, open pages, who is there."""
    known_desk(api, desk_id)
    return await api.model.ask(_sheet(desk_id, api.now(), timedelta(hours=hours), api.catalogue))


def _sheet(desk_id: str, now: datetime, ahead: timedelta, catalogue: Catalogue) -> Asked[Handover]:
    def query(connection: sqlite3.Connection) -> Handover:
        tracks = _open_tracks(connection, desk_id)
        due = [one for one in tracks if one.contact_by is not None and one.contact_by <= now + ahead]
        there = connection.execute(
            "SELECT responder_id FROM responders WHERE desk_id = ? AND presence != ? ORDER BY responder_id",
            (desk_id, Presence.AWAY),
        )
        view = board.desk_view(connection, desk_id)
        rota, gaps = rota_queries.rota(desk_id)(connection), rota_queries.gaps(rfc3339(now + ahead))(connection)
        return Handover(
            desk_id=desk_id,
            pillar=view.pillar,
            at=now,
            paused=view.paused,
            on_duty=tuple(who for (who,) in there),
            urgent=tuple(one for one in tracks if one.band in URGENT),
            contacts_due=tuple(sorted(due, key=lambda one: rfc3339(one.contact_by or now))),
            gaps=coverage_of(desk_id, rota, gaps, catalogue, now=now).gaps,
            workshops=planned(connection, desk_id, now + ahead),
            pages=tuple(board.open_pages(connection, limit=MOST_SHOWN, desk_id=desk_id)),
        )

    return query


def _open_tracks(connection: sqlite3.Connection, desk_id: str) -> list[Handed]:
    """The open tracks of a desk that no shared view hides, the most urgent first."""
    rows = connection.execute(
        """SELECT desk_tracks.record FROM case_tracks JOIN desk_tracks USING (track_id)
           WHERE desk_id = ? AND hidden = 0 AND (waiting = 1 OR working = 1) ORDER BY band, received_at, track_id LIMIT ?""",
        (desk_id, MOST_SHOWN),
    )
    records = [DeskTrackRecord.model_validate_json(record) for (record,) in rows]
    return [
        Handed(
            track_id=one.dispatch.track_id,
            case_id=one.dispatch.case_id,
            band=one.dispatch.band,
            state=one.state,
            owner=one.owner,
            acknowledge_by=one.dispatch.acknowledge_by,
            contact_by=one.contact_by,
            covered_by=one.covered_by,
            set_aside=one.set_aside,
        )
        for one in records
        if one.state in OPEN and one.dispatch.desk_id == desk_id
    ]
