"""The pager's settings: the runtime's, where the sink is told, how mail is sent, and the catalogue whose posts it serves."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from services.runtime.mailing import MailServer, Security
from services.runtime.settings import SinkSettings


class PagerSettings(SinkSettings):
    """SAMEROOF_* variables of `python -m services.pager`."""

    smtp_host: str | None = Field(default=None, description="mail server; without it nobody is reached by mail")
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_security: Security = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sender: str | None = Field(default=None, description="the address mail is sent from")

    @model_validator(mode="after")
    def _sent_by_somebody(self) -> Self:
        """A mail needs a sender."""
        if self.smtp_host is not None and self.smtp_sender is None:
            raise ValueError("SAMEROOF_SMTP_HOST needs SAMEROOF_SMTP_SENDER")
        return self

    @property
    def mail(self) -> MailServer | None:
        """Where mail is handed in, if anywhere."""
        if self.smtp_host is None or self.smtp_sender is None:
            return None
        password = self.smtp_password.get_secret_value() if self.smtp_password else None
        return MailServer(
            self.smtp_host, self.smtp_port, self.smtp_sender, self.smtp_security, self.smtp_username, password
        )
