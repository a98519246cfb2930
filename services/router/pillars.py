"""Which tracks does a case get, at which desks, promised by when? One track per pillar concerned (DOMAIN section 1)."""

from datetime import datetime

from schemas.base import Explanation
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.dispatch import DispatchTaken
from schemas.words import Band, ClockKind, Pillar, TrackState
from services.router.clocks import clock_of, started
from services.rules import ids
from services.rules.coverage import Coverage
from services.rules.desks_of import desk_of
from services.rules.triage import Triage


def tracks_of(
    case: CaseRecord, decision: Triage, coverage: Coverage, *, now: datetime, catalogue: Catalogue
) -> tuple[tuple[Track, ...], Explanation]:
    """The case's tracks, lead first, each with its services and its acknowledge clock running since our receipt; and why these.

    The lead track is the first that gets a desk. A pillar that others serve has a track without desk or clocks.
    """

    def track(pillar: Pillar) -> Track:
        lead, sent = pillar is coverage.open_pillars[0], pillar in coverage.open_pillars
        clock = started(
            ClockKind.ACKNOWLEDGE, case.received_at, band=case.band, pillar=pillar, lead=lead, catalogue=catalogue
        )
        return Track(
            track_id=ids.track_id(case.case_id, pillar),
            pillar=pillar,
            desk_id=desk_of(pillar, case.country, case.language, catalogue),
            lead=lead,
            state=TrackState.PENDING if sent else TrackState.NOT_COVERED_REFERRED,
            desk_epoch=1 if sent else 0,
            dispatched_at=now,
            services=coverage.services_of(pillar),
            clocks=(clock,) if sent else (),
        )

    why = Explanation(
        rule="pillars:taxonomy",
        catalogue=catalogue.version,
        inputs={
            "code": decision.code,
            "lead": decision.lead,
            "support": ",".join(decision.support),
            "referred": ",".join(coverage.referred),
        },
    )
    return tuple(track(pillar) for pillar in (*coverage.open_pillars, *coverage.referred)), why


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
        services=track.services,
        received_at=case.received_at,
        acknowledge_by=clock.due,
        catalogue=case.catalogue,
    )


def is_urgent(band: Band) -> bool:
    """Whether a track of this band travels on the P0 lane."""
    return band is Band.P0
