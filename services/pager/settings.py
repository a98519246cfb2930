"""The pager's settings: the runtime's, the catalogue whose posts it serves, and where the sink's webhook is."""

from pathlib import Path

from pydantic import Field, SecretStr, model_validator

from schemas import catalogue
from services.runtime.settings import RuntimeSettings


class PagerSettings(RuntimeSettings):
    """SAMEROOF_* variables of `python -m services.pager`."""

    catalogue: Path = catalogue.HERE
    page_sink_url: str | None = Field(default=None, description="webhook of posts; without it their notices are logged")
    webhook_secret: SecretStr | None = Field(default=None, description="signs every webhook")

    @model_validator(mode="after")
    def _signed(self) -> "PagerSettings":
        """A webhook nobody can verify is refused."""
        if self.page_sink_url is not None and self.webhook_secret is None:
            raise ValueError("SAMEROOF_PAGE_SINK_URL needs SAMEROOF_WEBHOOK_SECRET")
        return self
