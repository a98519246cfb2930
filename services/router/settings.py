"""The router's settings: the runtime's, and the catalogue to decide by."""

from pathlib import Path

from schemas.catalogue import HERE
from services.runtime.settings import RuntimeSettings


class RouterSettings(RuntimeSettings):
    """`SAMEROOF_CATALOGUE` names a folder with another catalogue, for example one with short clocks."""

    catalogue: Path = HERE
