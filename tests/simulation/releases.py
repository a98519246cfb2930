"""Two releases of the catalogue that a process can decide by: the shipped one, and one that promises otherwise."""

import copy
from functools import cache

from schemas.catalogue import HERE, Catalogue, Releases
from schemas.catalogue.loading import built, read

BANDS = ("P0", "P1", "P2", "P3")


@cache
def otherwise() -> Catalogue:
    """Other acknowledge promises and offer windows."""
    raw = copy.deepcopy(dict(read(HERE)))
    for row in raw["sla"]["matrix"].values():
        for promises in row.values():
            promises[0] = "25 min"
    raw["sla"]["offer_window"] = dict.fromkeys(BANDS, "7 min")
    return built(raw, str)


def releases_of(catalogue: Catalogue) -> Releases:
    """Both, with the shipped one to begin with."""
    return Releases(catalogue, [otherwise()])
