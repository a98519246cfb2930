"""The router's settings: the runtime's."""

from services.runtime.settings import RuntimeSettings


class RouterSettings(RuntimeSettings):
    """SAMEROOF_* variables of `python -m services.router`."""
