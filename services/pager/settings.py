"""The pager's settings: the runtime's, where the sink is told, and the catalogue whose posts it serves."""

from services.runtime.settings import SinkSettings


class PagerSettings(SinkSettings):
    """SAMEROOF_* variables of `python -m services.pager`."""
