"""Who of a desk could a supervisor give this track? Able by the rules of the desk's own search, and with how much room."""

import sqlite3
from datetime import datetime

from schemas.catalogue import Catalogue
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.words import Band, Presence
from services.intake import responder_queries, rota_queries
from services.intake.queries import Query
from services.intake.read_model import snapshot
from services.intake.views import View
from services.rules.needs import has_room, lacks, needs_of

MOST_SHOWN = 50
REACHED = (Presence.AVAILABLE, Presence.WRAP_UP, Presence.BUSY, Presence.AWAY)  # the sooner they hear of it, the better


class Candidate(View):
    """A responder able to take a track: units of work they have, of how many; without `room` only a reason gets past that."""

    responder_id: str
    presence: Presence
    load: int
    capacity: int
    room: bool


class CandidateList(View):
    """Those with room first, then who is there, then who has least to do."""

    candidates: tuple[Candidate, ...]


def able_to_take(track: DeskTrackRecord, catalogue: Catalogue, now: datetime) -> Query[CandidateList]:
    """Who of the track's desk lacks nothing for it, is a stranger to its household and not drained. The desk alone knows of walls."""
    desk_id, needs = track.dispatch.desk_id, needs_of(track.dispatch, track.step, catalogue)

    def query(connection: sqlite3.Connection) -> CandidateList:
        with snapshot(connection):
            roster, loads = rota_queries.roster(desk_id)(connection), responder_queries.loads(connection, desk_id)
        able = [
            _candidate(one, loads[who], track, catalogue)
            for who, one in roster.items()
            if who != track.owner and not one.drained
            if lacks(one.entry, needs, now.date()) is None and not _knows(one, track)
        ]
        able.sort(key=lambda one: (not one.room, REACHED.index(one.presence), one.load / one.capacity))
        return CandidateList(candidates=tuple(able[:MOST_SHOWN]))

    return query


def _candidate(one: ResponderRecord, load: int, track: DeskTrackRecord, catalogue: Catalogue) -> Candidate:
    entry, band = one.entry, track.dispatch.band
    others = load - sum(track.weight for offer in track.offers if offer.responder_id == entry.responder_id)
    kept = catalogue.work.reserve.units if band is Band.P0 else 0
    return Candidate(
        responder_id=entry.responder_id,
        presence=one.presence,
        load=load,
        capacity=entry.capacity,
        room=has_room(others, track.weight, entry.capacity + kept),
    )


def _knows(one: ResponderRecord, track: DeskTrackRecord) -> bool:
    return track.dispatch.household_id in (one.entry.household_id, *one.conflicts)
