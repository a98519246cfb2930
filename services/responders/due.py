"""What of a track falls due at its desk, and when? Noted when the track changes; whoever fires one checks that it still holds."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from schemas.catalogue import Catalogue
from schemas.desk_records import DeskTrackRecord
from schemas.words import Band
from services.responders.queue import until
from services.rules.deadlines import Deadline
from services.rules.lifecycle import UNOWNED

FORGET_AFTER = timedelta(days=7)


def deadlines_of(track: DeskTrackRecord, before: DeskTrackRecord | None, catalogue: Catalogue) -> Iterator[Deadline]:
    """What is due anew, now that the track is no longer as `before`: an offer, an attempt, a wider search, a contact, being forgotten."""
    track_id, rank = track.dispatch.track_id, track.dispatch.band.rank
    noted = {one.offer_id: one.ring_at for one in before.offers} if before is not None else {}
    for one in track.offers:
        if one.offer_id not in noted:
            yield Deadline(one.until, rank, "offer", track_id, one.number)
        if one.ring_at is not None and noted.get(one.offer_id) != one.ring_at:
            yield Deadline(one.ring_at, rank, "ring", track_id, one.number)
    if track.state in UNOWNED and (before is None or _searched(before) != _searched(track)):
        at = widens_at(track, catalogue)
        if at is not None:
            yield Deadline(at, rank, "widen", track_id, track.step + 1)
    band = track.dispatch.band
    if track.contact_by is not None and (before is None or _awaited(before) != _awaited(track)):
        yield Deadline(track.contact_by - catalogue.work.cover[band], rank, "contact", track_id, 0)
        yield Deadline(track.contact_by + catalogue.work.quiet[band], rank, "contact", track_id, 0)
    quiet = quiet_at(track, catalogue)
    if quiet is not None and (before is None or before.covered_at != track.covered_at):
        yield Deadline(quiet, rank, "contact", track_id, 0)
    if track.relief_at is not None and (before is None or before.relief_at != track.relief_at):
        yield Deadline(track.relief_at, rank, "relief", track_id, 0)
    if track.ended_at is not None and (before is None or before.ended_at != track.ended_at):
        yield Deadline(track.ended_at + FORGET_AFTER, len(Band), "forget", track_id, 0)


def widens_at(track: DeskTrackRecord, catalogue: Catalogue) -> datetime | None:
    """When the search of a track widens to its next step, counted from when it began."""
    shares = catalogue.sla.widening.at_percent
    if track.step >= min(len(shares), len(catalogue.work.search) - 1):
        return None
    start = track.search_from or track.dispatch.received_at
    return start + (until(track) - start) * shares[track.step] / 100


def quiet_at(track: DeskTrackRecord, catalogue: Catalogue) -> datetime | None:
    """When whoever covers for somebody has not been heard of for too long: counted from when they took it, if that was late."""
    if track.covered_by is None or track.contact_by is None:
        return None
    return max(track.contact_by, track.covered_at or track.contact_by) + catalogue.work.quiet[track.dispatch.band]


def _awaited(track: DeskTrackRecord) -> tuple[datetime | None, Band]:
    return track.contact_by, track.dispatch.band


def _searched(track: DeskTrackRecord) -> tuple[bool, int, datetime | None, datetime | None]:
    return track.state in UNOWNED, track.step, track.search_from, track.search_until
