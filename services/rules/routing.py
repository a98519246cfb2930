"""Why these pillars? The routing of the case's codes, and what coverage leaves to others (DOMAIN section 3)."""

from schemas.base import Explanation
from services.rules.coverage import Coverage
from services.rules.triage import Triage


def why_these(decision: Triage, coverage: Coverage, release: str) -> Explanation:
    """Why a case has these tracks, by the `release` that both were decided under."""
    return Explanation.trusted(
        rule="pillars:taxonomy",
        catalogue=release,
        inputs={
            "code": decision.code,
            "lead": decision.lead,
            "support": ",".join(decision.support),
            "referred": ",".join(coverage.referred),
        },
        rejected={},
    )
