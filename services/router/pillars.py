"""Which pillars does a case concern, and why these? One track per pillar concerned (DOMAIN section 1)."""

from schemas.base import Explanation
from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.words import Pillar, TrackState
from services.rules.coverage import Coverage
from services.rules.triage import Triage


def concerned(case: CaseRecord, decision: Triage) -> tuple[Pillar, ...]:
    """What triage asks for, the lead pillar first, without help that the victim declined; a lone pillar is never left out."""
    declined = {track.pillar for track in case.tracks if track.state is TrackState.DECLINED}
    return tuple(pillar for pillar in decision.pillars if pillar not in declined) or (decision.lead,)


def why_these(decision: Triage, coverage: Coverage, catalogue: Catalogue) -> Explanation:
    """Why a case has these tracks: the code's routing, and what coverage leaves to others."""
    return Explanation(
        rule="pillars:taxonomy",
        catalogue=catalogue.version,
        inputs={
            "code": decision.code,
            "lead": decision.lead,
            "support": ",".join(decision.support),
            "referred": ",".join(coverage.referred),
        },
    )
