"""Which tracks does a case get, at which desks, promised by when? One track per pillar concerned (DOMAIN section 1)."""

from datetime import datetime

from schemas.base import Explanation
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.dispatch import DispatchTaken
from schemas.words import Band, ClockKind, Pillar, TrackState
from services.router.clocks import clock_of, open_clocks
from services.rules import ids
from services.rules.desks_of import desk_of
from services.rules.triage import Triage


def tracks_of(
    case: CaseRecord, decision: Triage, *, now: datetime, catalogue: Catalogue
) -> tuple[tuple[Track, ...], Explanation]:
    """The case's tracks, lead first, each with its promises running since our receipt; and why these."""

    def track(pillar: Pillar) -> Track:
        lead = pillar is decision.lead
        blank = Track(
            track_id=ids.track_id(case.case_id, pillar),
            pillar=pillar,
            desk_id=desk_of(pillar, case.country, case.language, catalogue),
            lead=lead,
            state=TrackState.PENDING,
            desk_epoch=1,
            dispatched_at=now,
        )
        return open_clocks(case, blank, catalogue)

    why = Explanation(
        rule="pillars:taxonomy",
        catalogue=catalogue.version,
        inputs={"code": decision.code, "lead": decision.lead, "support": ",".join(decision.support)},
    )
    return tuple(track(pillar) for pillar in decision.pillars), why


def dispatch_of(case: CaseRecord, track: Track) -> DispatchTaken:
    """The whole track as its desk needs it."""
    clock = clock_of(track, ClockKind.ACKNOWLEDGE)
    assert clock is not None, "every track has an acknowledge clock"
    return DispatchTaken(
        track_id=track.track_id,
        case_id=case.case_id,
        household_id=case.household_id,
        desk_id=track.desk_id,
        pillar=track.pillar,
        band=case.band,
        epoch=track.desk_epoch,
        lead=track.lead,
        code=case.code,
        signals=case.signals,
        language=case.language,
        covert=case.covert,
        drill=case.drill,
        received_at=case.received_at,
        acknowledge_by=clock.due,
        catalogue=case.catalogue,
    )


def is_urgent(band: Band) -> bool:
    """Whether a track of this band travels on the P0 lane."""
    return band is Band.P0
