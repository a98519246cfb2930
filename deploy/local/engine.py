"""A container engine that can run the official Kafka image: found and judged within seconds, or treated as absent."""

import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docker import DockerClient as Docker
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import EndpointConfig
from docker.version import __version__ as docker_api
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient, get_docker_host

from deploy.local.broker import Say, Start
from deploy.local.jars import VERSION
from deploy.local.processes import Process, this_process

IMAGE = f"apache/kafka:{VERSION}"
INSIDE_PORT = 9092
_OWNER = "sameroof.owner"
_PING_SECONDS = 3
_DECIDE_SECONDS = 6.0
_PULL_SECONDS = 300.0
_WORK_SECONDS = 60
# What engines say once layers arrive; before that they may still be failing to reach a registry.
_ARRIVING = (
    "Pulling fs layer",
    "Already exists",
    "Downloading",
    "Download complete",
    "Pull complete",
    "Downloaded",
    "up to date",
)


@dataclass(frozen=True)
class Engine:
    """A reachable engine that has the image; `host` is where its published ports are reached."""

    client: Docker
    host: str


class KafkaContainer(DockerContainer):
    """The official image with a published port chosen beforehand, so that it advertises it and keeps it over restarts."""

    def __init__(self, name: str, environment: Mapping[str, str], *, host: str, port: int, network: str) -> None:
        super().__init__(IMAGE, env=dict(environment), docker_client_kw={"timeout": _WORK_SECONDS})
        on_this_machine: Any = ("127.0.0.1", port) if host == "127.0.0.1" else port
        self.ports[f"{INSIDE_PORT}/tcp"] = on_this_machine
        self._place = {"network": network, "networking_config": {network: EndpointConfig(docker_api, aliases=[name])}}

    def start_owned_by(self, label: Mapping[str, str]) -> str:
        """Starts it and returns the engine's id; a container that could not start is removed again."""
        try:
            return self.with_kwargs(labels=dict(label), **self._place).start().get_container_id()
        except BaseException:
            self.stop()
            raise


class PassedOver(Exception):
    """Why no container engine is used; `answers` when there is one."""

    def __init__(self, why: str, *, answers: bool = False) -> None:
        super().__init__(why)
        self.answers = answers


def find_engine(say: Say) -> Engine | None:
    """The engine, with the image pulled if needed; None when there is no engine or it cannot get the image."""
    try:
        return judged(say)
    except PassedOver as why:
        if why.answers:
            say(f"{why}: going on without it.")
        return None


def judged(say: Say) -> Engine:
    """The engine, with the image pulled if needed. Raises PassedOver."""
    # Its reaper is one more image to fetch, and would stop what `make up` leaves running; see remove_leftovers.
    testcontainers_config.ryuk_disabled = True
    logging.getLogger("testcontainers").setLevel(logging.WARNING)
    address = get_docker_host() or DEFAULT_UNIX_SOCKET
    if not somebody_listens(address):
        raise PassedOver(f"nobody listens at {address}")
    try:
        found = DockerClient(timeout=_PING_SECONDS)
        if has_image(found.client, say):
            found.client.api.timeout = _WORK_SECONDS
            host = found.host()
            return Engine(found.client, "127.0.0.1" if host == "localhost" else host)
        found.client.close()
    except (DockerException, OSError) as failed:
        raise PassedOver(f"what listens at {address} does not speak as an engine ({type(failed).__name__})") from failed
    raise PassedOver(f"A container engine answers but cannot get {IMAGE}", answers=True)


def somebody_listens(address: str) -> bool:
    """Whether a connection to the engine's address opens; asked first because the client leaks its socket when it does not."""
    url = urlsplit(address)
    if not url.scheme.endswith(("unix", "tcp", "http")):
        return True  # ssh and named pipes: only the client can tell
    where: Any = url.path if url.scheme.endswith("unix") else (url.hostname, url.port or 2375)
    with socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET) as probe:
        probe.settimeout(_PING_SECONDS)
        return probe.connect_ex(where) == 0


def has_image(client: Docker, say: Say) -> bool:
    """Whether the image is there, pulling it if layers start to arrive within seconds."""
    try:
        client.images.get(IMAGE)
    except ImageNotFound:
        pull = _Pull(client)
        pull.start()
        pull.arriving.wait(_DECIDE_SECONDS)
        if pull.arriving.is_set() and pull.is_alive():
            say(f"Pulling {IMAGE} (once) ...")
            pull.join(_PULL_SECONDS)
        return pull.succeeded
    return True


class _Pull(threading.Thread):
    """Pulls the image; `arriving` is set as soon as layers arrive, or when it ended."""

    def __init__(self, client: Docker) -> None:
        super().__init__(daemon=True, name="pull")
        self.arriving = threading.Event()
        self.succeeded = False
        self._client = client

    def run(self) -> None:
        """Never raises: a pull that fails is an engine that cannot get the image."""
        with suppress(DockerException, OSError):
            for event in self._events():
                if str(event.get("status", "")).startswith(_ARRIVING):
                    self.arriving.set()
            self._client.images.get(IMAGE)
            self.succeeded = True
        self.arriving.set()

    def _events(self) -> Iterator[dict[str, Any]]:
        repository, _, tag = IMAGE.partition(":")
        yield from self._client.api.pull(repository, tag=tag, stream=True, decode=True)


def owner_label(how: Start) -> dict[str, str]:
    """Marks a container or network as ours: with the process it must not outlive, or the folder of the lasting stack it is of."""
    owner = this_process()
    return {_OWNER: str(how.home) if how.lasting else json.dumps([owner.pid, owner.started])}


def remove_leftovers(engine: Engine, home: Path) -> None:
    """Removes containers and networks whose process died without removing them, or that a killed start left of this home."""
    for container in engine.client.containers.list(all=True, filters={"label": _OWNER}):
        if _orphaned(container.labels[_OWNER], home):
            with suppress(NotFound, APIError):
                container.remove(force=True, v=True)
    for network in engine.client.networks.list(filters={"label": _OWNER}):
        if _orphaned(network.attrs["Labels"][_OWNER], home):
            with suppress(NotFound, APIError):
                network.remove()


def _orphaned(owner: str, home: Path) -> bool:
    return not Process(*json.loads(owner)).alive() if owner.startswith("[") else owner == str(home)


def main() -> int:
    """`python -m deploy.local.engine`: the provider's own judgement, for the doctor; prints the host, or why none is used."""
    try:
        print(f"has {IMAGE}, ports at {judged(lambda _: None).host}")
    except PassedOver as why:
        print(why)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
