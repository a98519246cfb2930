"""The pager's settings: the runtime's, where the sink is told, and the catalogue whose posts it serves."""

from pathlib import Path

from schemas import catalogue
from services.runtime.settings import SinkSettings


class PagerSettings(SinkSettings):
    """SAMEROOF_* variables of `python -m services.pager`."""

    catalogue: Path = catalogue.HERE
