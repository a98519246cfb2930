"""A desk process's settings: the runtime's, its pillar, and the catalogue to decide by."""

from pydantic import AliasChoices, Field

from schemas.words import Pillar
from services.runtime.settings import RuntimeSettings


class RespondersSettings(RuntimeSettings):
    """One deployment per pillar: `SAMEROOF_PILLAR` (or plain `PILLAR`). `SAMEROOF_CATALOGUE` names a folder with another catalogue."""

    pillar: Pillar = Field(validation_alias=AliasChoices("SAMEROOF_PILLAR", "PILLAR"))  # type: ignore[pydantic-alias] # read from the environment only
