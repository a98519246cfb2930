"""One release of the catalogue: every file of it, validated, under the hash of their content."""

from datetime import timedelta

from schemas.catalogue.desks import Desks
from schemas.catalogue.incidents import Incidents
from schemas.catalogue.parts import Part
from schemas.catalogue.programmes import Programmes
from schemas.catalogue.sla import Promises
from schemas.words import Band, ClockKind, Pillar


class Catalogue(Part):
    """One release of the catalogue. `version` is 16 hex digits of its content's hash; each other field is one file."""

    version: str
    incidents: Incidents
    sla: Promises
    desks: Desks
    programmes: Programmes

    def promise(self, band: Band, pillar: Pillar, kind: ClockKind, *, lead: bool) -> timedelta:
        """How long `kind` may take on a track (DOMAIN section 8)."""
        return self.sla.promise(band, pillar, kind, lead=lead)
