"""One Kafka node as a Java process: its files, its start, its end."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from deploy.local import processes
from deploy.local.broker import CLUSTER_ID, BrokerFailed
from deploy.local.jars import Jars
from deploy.local.processes import Process


@dataclass(frozen=True)
class Node:
    """A node's number (from 1), directory and two ports; everything else is in files under the directory."""

    number: int
    home: Path
    port: int
    controller_port: int

    @property
    def log(self) -> Path:
        """What the node printed."""
        return self.home / "broker.log"

    @property
    def voter(self) -> str:
        """This node in `controller.quorum.voters`."""
        return f"{self.number}@127.0.0.1:{self.controller_port}"

    @property
    def process(self) -> Process | None:
        """The process that was last started for this node, running or not."""
        try:
            return Process(**json.loads((self.home / "process.json").read_text()))
        except FileNotFoundError:
            return None

    def alive(self) -> bool:
        """Whether the node's process runs."""
        process = self.process
        return process is not None and process.alive()

    def signal(self, number: Signals) -> None:
        """Sends one signal to the node if it runs."""
        if process := self.process:
            process.signal(number)

    def kill(self, seconds: float) -> None:
        """SIGKILL; returns when it is gone, raises BrokerFailed when that takes longer."""
        process = self.process
        if process is not None:
            process.signal(Signals.SIGKILL)
            if not process.wait(seconds):
                raise BrokerFailed(f"node {self.number} survives SIGKILL")

    def stop(self, grace_seconds: float) -> None:
        """SIGTERM, and SIGKILL after the grace."""
        if process := self.process:
            process.signal(Signals.SIGCONT)  # a paused node would not hear SIGTERM
            process.stop(grace_seconds)

    def prepare(self, *, voters: str, settings: Mapping[str, str], checkpoint: Path | None) -> None:
        """Writes the configuration and, given a formatted `checkpoint`, the data directory a new node starts from."""
        data = self.home / "data"
        data.mkdir(parents=True)
        listeners = f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}"
        own = {
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": voters,
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "listeners": listeners,
            "log.dirs": str(data),
            "node.id": str(self.number),
            "process.roles": "broker,controller",
        }
        _write_properties(self.home / "server.properties", {**settings, **own})
        if checkpoint is not None:
            (data / checkpoint.name).write_bytes(checkpoint.read_bytes())
            meta = {
                "version": "1",
                "cluster.id": CLUSTER_ID,
                "node.id": str(self.number),
                "directory.id": _directory_id(),
            }
            _write_properties(data / "meta.properties", meta)

    def start(self, jars: Jars, options: list[str], *, lasting: bool) -> Process:
        """Starts the node; it is ready some time later."""
        command = java_command(jars, options, "kafka.Kafka", str(self.home / "server.properties"))
        return processes.start(command, log=self.log, record=self._record, lasting=lasting)

    def _record(self, process: Process) -> None:
        (self.home / "process.json").write_text(json.dumps({"pid": process.pid, "started": process.started}))


def java_command(jars: Jars, options: list[str], main: str, *arguments: str) -> list[str]:
    """The command line of one of Kafka's programs."""
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    return [jars.java, "-XX:+UseSerialGC", quiet, *options, "-cp", jars.class_path, main, *arguments]


def _write_properties(path: Path, settings: Mapping[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in sorted(settings.items())))


def _directory_id() -> str:
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):  # Kafka's command line tools would take it for an option
            return made
