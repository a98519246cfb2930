"""Which pillars does a case concern? One track per pillar concerned (DOMAIN section 1)."""

from schemas.cases import CaseRecord
from schemas.words import Pillar, TrackState
from services.rules.triage import Triage


def concerned(case: CaseRecord, decision: Triage) -> tuple[Pillar, ...]:
    """What triage asks for, the lead pillar first, without help that the victim declined; a lone pillar is never left out."""
    declined = {track.pillar for track in case.tracks if track.state is TrackState.DECLINED}
    return tuple(pillar for pillar in decision.pillars if pillar not in declined) or (decision.lead,)
