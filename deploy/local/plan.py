"""Which processes the one-machine stack has, and with which settings. Pure: ports, folders and secrets are passed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.topics import partner
from schemas.words import Pillar

PREFIX = "SAMEROOF_"
# Small enough for two cores; whoever sets the same variables overrides them.
DEFAULTS = {
    "SAMEROOF_HOUSEHOLD_PARTITIONS": "4",
    "SAMEROOF_DESK_PARTITIONS": "2",
    "SAMEROOF_PARTNERS": "proximus,telco-fr",
}
# What topics are made and compared with, beside the Kafka itself.
TOPIC_SETTINGS = ("household_partitions", "desk_partitions", "replication")
# One process each: name and arguments of `python -m`.
SERVICES = {
    "api": ("services.intake", "api"),
    "gateway": ("services.intake", "gateway"),
    "router": ("services.router",),
    **{f"responders-{pillar}": ("services.responders",) for pillar in Pillar},
    "pager": ("services.pager",),
}


@dataclass(frozen=True)
class Wiring:
    """Where everything is: `ports` by process (operations), plus `http` and `sink`; `issuer` as devissuer printed it."""

    home: Path
    python: str
    bootstrap_servers: str
    replication: int
    ports: Mapping[str, int]
    issuer: Mapping[str, object]
    secrets: Mapping[str, str]

    @property
    def api_url(self) -> str:
        """The HTTP API."""
        return f"http://127.0.0.1:{self.ports['http']}"

    @property
    def page_sink_url(self) -> str:
        """Where notices are delivered, and read with GET."""
        return f"http://127.0.0.1:{self.ports['sink']}/notices"

    def ops_url(self, process: str) -> str:
        """The operations port of a service's process."""
        return f"http://127.0.0.1:{self.ports[process]}"


@dataclass(frozen=True)
class Planned:
    """A process to start: its name, command, and whole environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def shared_settings(wiring: Wiring, given: Mapping[str, str]) -> dict[str, str]:
    """The environment every service gets: what was given, our defaults below it, the wiring above it."""
    wired = {
        "KAFKA_BOOTSTRAP_SERVERS": wiring.bootstrap_servers,
        "JWKS": wiring.issuer["jwks"],
        "ISSUER": wiring.issuer["issuer"],
        "AUDIENCE": wiring.issuer["audience"],
        "DEV_ISSUER": "1",
        "PAGE_SINK_URL": wiring.page_sink_url,
        "PUBLIC_URL": wiring.api_url,
        "OPS_HOST": "127.0.0.1",
        **wiring.secrets,
    }
    defaults = {**DEFAULTS, f"{PREFIX}REPLICATION": str(wiring.replication)}
    return {**defaults, **given, **{PREFIX + name: str(value) for name, value in wired.items()}}


def processes(wiring: Wiring, given: Mapping[str, str]) -> list[Planned]:
    """The services in the order they are started, each under its small parent."""
    shared = shared_settings(wiring, given)
    return [_process(wiring, shared, name, arguments) for name, arguments in SERVICES.items()]


def _process(wiring: Wiring, shared: Mapping[str, str], name: str, arguments: tuple[str, ...]) -> Planned:
    own = {
        f"{PREFIX}INSTANCE": f"{name}-0",
        f"{PREFIX}OPS_PORT": str(wiring.ports[name]),
        f"{PREFIX}STATE_DIR": str(wiring.home / "state" / name),
    }
    if name == "api":
        own |= {f"{PREFIX}HTTP_HOST": "127.0.0.1", f"{PREFIX}HTTP_PORT": str(wiring.ports["http"])}
    if name.startswith("responders-"):
        own[f"{PREFIX}PILLAR"] = name.removeprefix("responders-")
    command = (wiring.python, "-m", "services.runtime.supervise", "--", wiring.python, "-m", *arguments)
    return Planned(name, command, {**shared, **own})


def partners(settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Topic names of each partner by door: incidents, incidents_p0, households, cases."""
    ids = [one for one in settings[f"{PREFIX}PARTNERS"].split(",") if one]
    doors = {one: partner(one) for one in ids}
    return {
        one: {
            "incidents": door.incidents.name,
            "incidents_p0": door.incidents_p0.name,
            "households": door.households.name,
            "cases": door.cases.name,
        }
        for one, door in doors.items()
    }
