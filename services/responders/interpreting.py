"""Who helps a responder and a victim who share no language? Whoever of the desk interprets, told at once; else its duty lead finds one."""

from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.words import Presence
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules.desks_of import duty_lead_of
from services.rules.needs import is_cleared, needs_of

THERE = (Presence.AVAILABLE, Presence.WRAP_UP)


def interpreted(track: DeskTrackRecord, partition: Partition) -> DeskTrackRecord:
    """A track just taken, with whoever interprets for its owner, where they need somebody."""
    if track.interpreter is None:
        return track
    return track.model_copy(update={"interpreted_by": _interpreter_for(track, partition)})


def interpreted_anew(track: DeskTrackRecord, partition: Partition, telling: Telling) -> DeskTrackRecord:
    """Whoever interprets for the owner of a track does so no more: another one is called."""
    saved = partition.save_track(interpreted(track, partition), telling.step)
    call_interpreter(saved, telling)
    return saved


def _interpreter_for(track: DeskTrackRecord, partition: Partition) -> str | None:
    """Who is there, interprets the language of an owned track (or speaks it) and may know its case: cleared, nobody who knows the
    household, nobody of the other side (DOMAIN section 7). Trained interpreters first, then the freest."""
    dispatch = track.dispatch
    kept_out = {track.owner, *partition.crowd.knows(dispatch.household_id), *partition.across(dispatch)}
    needs = needs_of(dispatch, track.step, partition.pinned(track))
    able = [
        one
        for one in partition.crowd.roster(dispatch.desk_id)
        if one.entry.responder_id not in kept_out
        and track.interpreter in (*one.entry.interprets, *one.entry.languages)
        and one.presence in THERE
        and is_cleared(one.entry, needs)
    ]

    def rank(one: ResponderRecord) -> tuple[bool, int, int, str]:
        who = one.entry.responder_id
        return track.interpreter not in one.entry.interprets, THERE.index(one.presence), partition.crowd.load[who], who

    return min(able, key=rank).entry.responder_id if able else None


def call_interpreter(track: DeskTrackRecord, telling: Telling) -> None:
    """Tell whoever interprets that they are needed now; with nobody there, the duty lead that one has to be found."""
    if track.interpreter is None:
        return
    to = track.interpreted_by or duty_lead_of(track.dispatch.desk_id)
    telling.reminder(track, to, reason="interpret" if track.interpreted_by else "find_interpreter")
