"""One release of the catalogue: every file of it, validated, under the hash of their content."""

from datetime import timedelta
from typing import Self

from pydantic import model_validator

from schemas.catalogue.advice import AdviceIndex, AdviceWords
from schemas.catalogue.agreeing import disagreements
from schemas.catalogue.cases import CaseRules
from schemas.catalogue.desks import Desks
from schemas.catalogue.incidents import Incidents
from schemas.catalogue.parts import Part
from schemas.catalogue.platforms import Platforms
from schemas.catalogue.prevention_funding import PreventionFunding
from schemas.catalogue.programmes import Programmes
from schemas.catalogue.referrals import Referrals
from schemas.catalogue.skills import Skills
from schemas.catalogue.sla import Promises
from schemas.words import Band, ClockKind, Language, Pillar


class Catalogue(Part):
    """One release of the catalogue. `version` is 16 hex digits of its content's hash; each other field is one file. One with a default came
    later: the first releases do not have it."""

    version: str
    incidents: Incidents
    sla: Promises
    desks: Desks
    programmes: Programmes
    cases: CaseRules
    skills: Skills
    referrals: Referrals
    advice: AdviceIndex
    advice_fr: AdviceWords
    advice_nl: AdviceWords
    advice_de: AdviceWords
    advice_en: AdviceWords
    platforms: Platforms = Platforms()
    prevention_funding: PreventionFunding = PreventionFunding()

    @model_validator(mode="after")
    def _says_the_same_in_every_file(self) -> Self:
        for disagreement in disagreements(self):
            raise disagreement
        return self

    def words(self, language: Language) -> AdviceWords:
        """What is said in a language."""
        words: AdviceWords = getattr(self, f"advice_{language}")
        return words

    def __hash__(self) -> int:
        """By identity: what a release is asked can be remembered beside it."""
        return id(self)

    def promise(self, band: Band, pillar: Pillar, kind: ClockKind, *, lead: bool) -> timedelta:
        """How long `kind` may take on a track (DOMAIN section 8)."""
        return self.sla.promise(band, pillar, kind, lead=lead)
