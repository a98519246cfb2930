"""What the API process needs to start; refused field by field (style rule 11)."""

from pathlib import Path

from pydantic import Field, SecretStr

from services.runtime.settings import SinkSettings


class ApiSettings(SinkSettings):
    """SAMEROOF_* variables of `python -m services.intake api`."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65_535, description="0 takes a free one")
    state_dir: Path = Field(description="folder of this replica's SQLite files, kept over restarts")
    jwks: str = Field(min_length=1, description="file or http(s) URL of the issuer's public keys")
    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    dev_issuer: bool = Field(default=False, description="1 admits the keys of services.runtime.devissuer")
    board_code: SecretStr | None = Field(
        default=None, description="one-time sign-in code for the board, dev issuer only"
    )
    calls_per_second: float = Field(default=500.0, gt=0, description="per token subject, P0 reports never counted")
    calls_burst: int = Field(default=1_000, ge=1)
    dead_man_seconds: float = Field(
        default=10.0, gt=0, description="an accepted P0 without an offer is paged after this"
    )
