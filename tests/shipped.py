"""The catalogue as it is shipped, read once for all tests: nobody changes what is frozen."""

from typing import Any

from schemas.catalogue import load
from schemas.words import Clearance

CATALOGUE = load()
ABLE: dict[str, Any] = {
    "skills": tuple(CATALOGUE.skills.skills),
    "languages": tuple(CATALOGUE.skills.languages),
    "clearances": tuple(Clearance),
}
"""What is said of a responder who is able to take anything."""
FOUR_PROMISES = CATALOGUE.model_copy(
    update={
        "sla": CATALOGUE.sla.model_copy(
            update={"milestones": {name: one for name, one in CATALOGUE.sla.milestones.items() if one.code is None}}
        )
    }
)
"""The same without what is promised on top of a case that nobody has classified: its track makes the four promises of every track."""
