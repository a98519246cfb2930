"""Nobody trained for a track is there: who stands in begins it, and hands it over as soon as somebody is (DOMAIN section 7).

Whoever stands in keeps the track, and stays with the victim, until then.
"""

from schemas.commands import OfferCommand
from schemas.desk_records import DeskTrackRecord
from services.responders.context import Context
from services.responders.offering import NOBODY_STANDS_IN, ask
from services.responders.owning import own
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules.answered import Verdict
from services.rules.desks_of import duty_lead_of
from services.rules.lifecycle import OWNED


def look_for_relief(partition: Partition, track_id: str, telling: Telling) -> None:
    """Ask those who are trained for what somebody stands in for; past its time the duty lead hears that nobody has come, once."""
    track = partition.tracks.get(track_id)
    if track is None or track.state not in OWNED or track.stands_in_until is None or track.relief_at is None:
        return
    if telling.now < track.relief_at:
        return
    until = track.stands_in_until
    if track.relief_at <= until <= telling.now:
        telling.reminder(track, duty_lead_of(track.dispatch.desk_id), reason="stands_in_too_long")
    again = telling.now + partition.pinned(track).skills.stand_in.look_every
    fields: dict[str, object] = {"relief_at": min(again, until) if telling.now < until else again}
    if not track.covering and not track.offers:
        fields |= {"relieving": True, "asked": ()}
    ask(partition, partition.save_track(track.model_copy(update=fields), telling.step), telling)


def relieve(track: DeskTrackRecord, context: Context, command: OfferCommand) -> Verdict:
    """Somebody trained takes the track over from who stands in: nobody has it in between, its promises run on."""
    stood_in = track.owner
    given = track.model_copy(update={"previous": stood_in, **NOBODY_STANDS_IN})
    context.telling.progress(
        "released", given, actor=command.actor, at=command.received_at, responder_id=stood_in, reason="relieved"
    )
    return own(given, command.responder_id, context, command, offer_id=command.offer_id)
