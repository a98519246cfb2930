"""Settings every service shares: one frozen model read from SAMEROOF_* variables, refused field by field."""

import os
import sys
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.catalogue import HERE, CatalogueError, Releases, load_releases
from schemas.topics import Sizing

PREFIX = "SAMEROOF_"
EXIT_BAD_SETTINGS = os.EX_CONFIG

S = TypeVar("S", bound="RuntimeSettings")


class RuntimeSettings(BaseSettings):
    """What the runtime itself needs; a service adds its own fields in a subclass."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    kafka_bootstrap_servers: str = Field(min_length=3, description="host:port, comma separated")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: str | None = None
    instance: str = Field(
        default="local-0",
        pattern=r"^[a-z0-9-]{1,60}$",
        description="static member id: the same after a restart, one per process",
    )
    ops_host: str = "127.0.0.1"
    ops_port: int = Field(default=0, ge=0, le=65_535, description="operations port; 0 takes a free one")
    household_partitions: int = Field(default=12, ge=1, le=1_000)
    desk_partitions: int = Field(default=6, ge=1, le=1_000)
    replication: int = Field(default=3, ge=1, le=9)
    session_seconds: float = Field(default=6.0, ge=1.0, le=60.0, description="silence after which partitions move")
    catalogue: Path = Field(default=HERE, description="folder of the catalogue to begin with")
    show_state: bool = Field(
        default=False, description="1 serves /state, which hashes the whole state on the event loop; for tests"
    )
    crash_at: str | None = Field(
        default=None, description="<point>[:n]: end the process there, the nth time; for tests"
    )

    def releases(self) -> Releases:
        """The catalogue to begin with and every shipped release; prints what is wrong with them and exits 78."""
        try:
            return load_releases(self.catalogue)
        except CatalogueError as refused:
            sys.stderr.write(f"{PREFIX}CATALOGUE: {refused}\n")
            raise SystemExit(EXIT_BAD_SETTINGS) from None

    def partitions(self, sizing: Sizing) -> int:
        """How many partitions topics of this sizing have; plain ones need no more than desks."""
        return self.household_partitions if sizing is Sizing.HOUSEHOLD else self.desk_partitions


class SinkSettings(RuntimeSettings):
    """Where the sink is told, for the two processes that can: the pager, and the API when the bus is down."""

    page_sink_url: str | None = Field(
        default=None, description="webhook of the sink and of posts; without it their notices are logged"
    )
    webhook_secret: SecretStr | None = Field(default=None, min_length=8, description="signs every webhook")
    link_secret: SecretStr | None = Field(
        default=None, min_length=32, description="makes one-time links and codes; the same for the pager and the API"
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="where the API is reached by who opens a one-time link",
    )

    @model_validator(mode="after")
    def _signed(self) -> Self:
        """A webhook nobody can verify is refused."""
        if self.page_sink_url is not None and self.webhook_secret is None:
            raise ValueError("SAMEROOF_PAGE_SINK_URL needs SAMEROOF_WEBHOOK_SECRET")
        return self


def load(model: type[S], **given: Any) -> S:
    """The settings of this process; prints what is wrong, field by field and without values, and exits 78.

    Asked for --help on its command line, the process prints which settings there are and exits 0.
    """
    if {"-h", "--help"} & set(sys.argv[1:]):
        sys.stdout.write(described(model) + "\n")
        raise SystemExit(0)
    try:
        return model(**given)
    except ValidationError as refused:
        for error in refused.errors(include_input=False, include_url=False, include_context=False):
            name = _variable("_".join(str(part) for part in error["loc"]))
            sys.stderr.write(f"{name}: {error['msg']}\n")
        raise SystemExit(EXIT_BAD_SETTINGS) from None


def described(model: type[RuntimeSettings]) -> str:
    """Every setting of a process, one a line: its variable, its default, what it is for."""
    lines = [f"Settings of this process, from the environment ({model.__name__}):"]
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        first = alias.choices[0] if isinstance(alias, AliasChoices) else alias or name
        default = field.get_default(call_default_factory=True)
        given = "required" if field.is_required() else "optional" if default is None else f"default {default}"
        lines.append(f"  {_variable(str(first)):<38} {given}" + (f"; {field.description}" if field.description else ""))
    return "\n".join(lines)


def _variable(name: str) -> str:
    """The variable of a field, whose name or alias may carry the prefix already."""
    return name if name.startswith(PREFIX) else PREFIX + name.upper()
