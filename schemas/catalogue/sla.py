"""`sla.yaml`: what each track promises, and for how long one offer stands (DOMAIN section 8)."""

from datetime import timedelta
from typing import Self

from pydantic import model_validator

from schemas.catalogue.parts import Duration, Part
from schemas.words import Band, ClockKind, Pillar


class LeadPromise(Part):
    """What the lead track of a P0 case answers within, whatever its pillar."""

    acknowledge: Duration
    first_response: Duration


class Promises(Part):
    """`sla.yaml`: per band and pillar acknowledge, first response, next contact, resolve."""

    source: str
    lead_p0: LeadPromise
    offer_window: dict[Band, Duration]
    matrix: dict[Band, dict[Pillar, tuple[Duration, Duration, Duration, Duration]]]

    @model_validator(mode="after")
    def _says_something_for_every_band_and_pillar(self) -> Self:
        for band in Band:
            if band not in self.offer_window:
                raise ValueError(f"offer_window: {band} is missing")
            missing = [pillar for pillar in Pillar if pillar not in self.matrix.get(band, {})]
            if missing:
                raise ValueError(f"matrix/{band}: {', '.join(missing)} missing")
        return self

    def promise(self, band: Band, pillar: Pillar, kind: ClockKind, *, lead: bool) -> timedelta:
        """How long `kind` may take on a track (DOMAIN section 8)."""
        if lead and band is Band.P0 and kind in (ClockKind.ACKNOWLEDGE, ClockKind.FIRST_RESPONSE):
            return self.lead_p0.acknowledge if kind is ClockKind.ACKNOWLEDGE else self.lead_p0.first_response
        return self.matrix[band][pillar][list(ClockKind).index(kind)]
