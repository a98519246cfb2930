"""`incidents.yaml`: the incident codes, who leads and supports them, and their band before anything raises it."""

from typing import Self

from pydantic import model_validator

from schemas.catalogue.parts import Part
from schemas.words import Band, Pillar


class IncidentType(Part):
    """One incident code: lead and supporting pillars, the band before anything raises it."""

    definition: str
    lead: Pillar
    support: tuple[Pillar, ...]
    base: Band
    sexual: bool = False


class Incidents(Part):
    """`incidents.yaml`."""

    source: str
    codes: dict[str, IncidentType]

    @model_validator(mode="after")
    def _has_a_code_for_whatever_fits_none(self) -> Self:
        if "unclassified_suspicion" not in self.codes:
            raise ValueError("codes: unclassified_suspicion is missing")
        return self
