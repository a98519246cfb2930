"""The catalogue as it is shipped, read once for all tests: nobody changes what is frozen."""

from schemas.catalogue import load

CATALOGUE = load()
FOUR_PROMISES = CATALOGUE.model_copy(
    update={
        "sla": CATALOGUE.sla.model_copy(
            update={"milestones": {name: one for name, one in CATALOGUE.sla.milestones.items() if one.code is None}}
        )
    }
)
"""The same without what is promised on top of a case that nobody has classified: its track makes the four promises of every track."""
