"""What the read model is asked about responders: who they are, what they are asked, what they have."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from schemas.desk_records import DeskTrackRecord, ResponderRecord
from services.intake.queries import Query, as_its_case_is, desk_track
from services.rules.lifecycle import OWNED


@dataclass(frozen=True, slots=True)
class OfferFound:
    """To whom an offer was made, and at which desk."""

    offer_id: str
    track_id: str
    desk_id: str
    responder_id: str


def offer(offer_id: str) -> Query[OfferFound | None]:
    """An offer, open or over: from its notice, else from its desk's record."""

    def query(connection: sqlite3.Connection) -> OfferFound | None:
        row = connection.execute(
            "SELECT offer_id, track_id, desk_id, recipient FROM notices WHERE offer_id = ?", (offer_id,)
        ).fetchone()
        if row is not None:
            return OfferFound(*row)
        kept = connection.execute(
            "SELECT responder_id, record FROM offers JOIN desk_tracks USING (track_id, partition) WHERE offer_id = ?",
            (offer_id,),
        ).fetchone()
        if kept is None:
            return None
        dispatch = DeskTrackRecord.model_validate_json(kept[1]).dispatch
        return OfferFound(offer_id, dispatch.track_id, dispatch.desk_id, kept[0])

    return query


def offers_to(people: Iterable[str], now: str) -> Query[list[tuple[str, DeskTrackRecord]]]:
    """What these responders are being asked right now, and which of them, the most urgent first."""

    def query(connection: sqlite3.Connection) -> list[tuple[str, DeskTrackRecord]]:
        rows = connection.execute(
            """SELECT responder_id, record FROM offers JOIN desk_tracks USING (track_id, partition)
               WHERE responder_id IN (SELECT value FROM json_each(?)) AND until > ?""",
            (json.dumps(sorted(people)), now),
        )
        found = [
            (who, as_its_case_is(connection, DeskTrackRecord.model_validate_json(record)))
            for who, record in rows.fetchall()
        ]
        return sorted(found, key=lambda one: (one[1].dispatch.band, one[1].dispatch.acknowledge_by, one[0]))

    return query


def held_by(people: Collection[str]) -> Query[list[DeskTrackRecord]]:
    """What these responders have at their desks, the most urgent first; of a track that moved, the newer desk's word."""

    def query(connection: sqlite3.Connection) -> list[DeskTrackRecord]:
        rows = connection.execute(
            "SELECT DISTINCT track_id FROM desk_tracks WHERE owner IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(people)),),
        )
        tracks = [track for (track_id,) in rows.fetchall() if (track := desk_track(connection, track_id)) is not None]
        held = [as_its_case_is(connection, one) for one in tracks if one.owner in people and one.state in OWNED]
        return sorted(held, key=lambda one: (one.dispatch.band, one.contact_by or one.taken_at, one.dispatch.track_id))

    return query


def responder(responder_id: str) -> Query[ResponderRecord | None]:
    """A responder's entry at their home desk. Who works in two pillars has two ids."""

    def query(connection: sqlite3.Connection) -> ResponderRecord | None:
        row = connection.execute(
            "SELECT record FROM responders WHERE responder_id = ? ORDER BY version DESC LIMIT 1", (responder_id,)
        ).fetchone()
        return None if row is None else ResponderRecord.model_validate_json(row[0])

    return query


def loads(connection: sqlite3.Connection, desk_id: str) -> Counter[str]:
    """Units of work held or offered at a desk, as its process counts them."""
    rows = connection.execute(
        """SELECT record FROM desk_tracks WHERE owner IN (SELECT responder_id FROM responders WHERE desk_id = ?1)
           UNION SELECT record FROM desk_tracks JOIN offers USING (track_id, partition)
           WHERE responder_id IN (SELECT responder_id FROM responders WHERE desk_id = ?1)""",
        (desk_id,),
    )
    loads: Counter[str] = Counter()
    for (record,) in rows:
        track = DeskTrackRecord.model_validate_json(record)
        if track.dispatch.desk_id != desk_id:
            continue
        loads.update({one.responder_id: track.weight for one in track.offers})
        if track.covered_by is not None:
            loads[track.covered_by] += 1
        if track.owner is not None and track.state in OWNED and not track.set_aside:
            loads[track.owner] += track.weight
    return loads


def load_of(record: ResponderRecord) -> Query[int]:
    """Units of work that somebody holds or is asked about."""
    return lambda connection: loads(connection, record.entry.desk_id)[record.entry.responder_id]


def people_of(organisation: str) -> Query[frozenset[str]]:
    """The responders in any desk's roster under this organisation."""

    def query(connection: sqlite3.Connection) -> frozenset[str]:
        rows = connection.execute("SELECT responder_id FROM responders WHERE organisation = ?", (organisation,))
        return frozenset(responder_id for (responder_id,) in rows)

    return query
