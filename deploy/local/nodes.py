"""Apache Kafka's own jars as one or three Java processes of this machine."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Any

from deploy.local import jars as kafka_jars
from deploy.local.broker import (
    READY_SECONDS,
    BrokerFailed,
    PortTaken,
    Say,
    Start,
    on_free_ports,
    say_now,
    settings_for,
    wait_until_ready,
)
from deploy.local.jars import Jars
from deploy.local.node import Node
from deploy.local.ports import free_ports
from deploy.local.warm import warm

_STOP_SECONDS = 20.0


@dataclass(frozen=True)
class JarBroker:
    """Kafka on Java; see `broker.Broker`. `full_speed` lets Java optimise, at twice the start-up time."""

    home: Path
    jars: Jars
    members: tuple[Node, ...]
    lasting: bool
    full_speed: bool
    kind: str = field(default="jars", init=False)

    @property
    def bootstrap_servers(self) -> str:
        """All nodes' addresses."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.members)

    @property
    def nodes(self) -> tuple[int, ...]:
        """Numbers from 1."""
        return tuple(node.number for node in self.members)

    def pid(self, node: int = 1) -> int | None:
        """The pid of the node's process, None while it does not run."""
        process = self._node(node).process
        return process.pid if process and process.alive() else None

    def kill(self, node: int = 1) -> None:
        """SIGKILL; returns when the node is gone."""
        self._node(node).kill(_STOP_SECONDS)

    def stop(self, node: int = 1) -> None:
        """SIGTERM; returns when the node is gone."""
        self._node(node).stop(_STOP_SECONDS)

    def restart(self, node: int = 1) -> None:
        """Starts the node again on the same port and data; returns when it is part of the cluster."""
        self.stop(node)
        self._launch(self._node(node))
        running = sum(member.alive() for member in self.members)
        self._await(self._node(node), running)

    def pause(self, node: int = 1) -> None:
        """SIGSTOP."""
        self._node(node).signal(SIGSTOP)

    def resume(self, node: int = 1) -> None:
        """SIGCONT."""
        self._node(node).signal(SIGCONT)

    def close(self, *, keep_data: bool = False) -> None:
        """Stops every node; deletes the data unless told to keep it."""
        for node in self.members:
            node.signal(SIGCONT)
            if process := node.process:
                process.terminate() if keep_data else process.signal(SIGKILL)
        for node in self.members:
            node.stop(_STOP_SECONDS)
        if not keep_data:
            shutil.rmtree(self.home, ignore_errors=True)

    def record(self) -> dict[str, object]:
        """What `attach` needs to find it again from another process."""
        ports = [[node.port, node.controller_port] for node in self.members]
        return {"kind": self.kind, "home": str(self.home), "ports": ports, "full_speed": self.full_speed}

    def start(self) -> None:
        """Starts every node that does not run; returns when all answer."""
        for node in self.members:
            if not node.alive():
                self._launch(node)
        for node in self.members:
            self._await(node, len(self.members))

    def _node(self, number: int) -> Node:
        return self.members[number - 1]

    def _launch(self, node: Node) -> None:
        options = [f"-XX:SharedArchiveFile={self.jars.archive}"] if self.jars.archive.exists() else []
        options += ["-Xmx512m"] if self.full_speed else ["-Xmx256m", "-XX:TieredStopAtLevel=1"]
        node.start(self.jars, options, lasting=self.lasting)

    def _await(self, node: Node, running: int) -> None:
        try:
            wait_until_ready(f"127.0.0.1:{node.port}", nodes=running, seconds=READY_SECONDS, alive=node.alive)
        except BrokerFailed as failure:
            said = node.log.read_text(errors="replace").splitlines()[-15:]
            kind = PortTaken if any("Address already in use" in line for line in said) else BrokerFailed
            raise kind(
                "\n    ".join([f"Kafka node {node.number}: {failure}; the end of {node.log}:", *said])
            ) from failure


def start(how: Start, say: Say) -> JarBroker:
    """A running broker with its data under `how.home`; raises Missing, or BrokerFailed leaving nothing behind."""
    _sweep(how.home)
    try:
        jars = kafka_jars.fetch(kafka_jars.cache_root(), say)
        warm(jars, say)
        return on_free_ports(lambda: _start(how, jars))
    except BaseException:
        shutil.rmtree(how.home, ignore_errors=True)
        raise


def _sweep(home: Path) -> None:
    """Ends what a start that was killed halfway left in this folder."""
    for folder in home.glob("node-*"):
        Node(0, folder, 0, 0).kill(_STOP_SECONDS)
        shutil.rmtree(folder)


def _start(how: Start, jars: Jars) -> JarBroker:
    ports = iter(free_ports(2 * how.nodes))
    members = tuple(Node(n, how.home / f"node-{n}", next(ports), next(ports)) for n in range(1, how.nodes + 1))
    broker = JarBroker(how.home, jars, members, how.lasting, how.full_speed)
    try:
        voters = ",".join(node.voter for node in members)
        for node in members:
            settings = {**settings_for(how.nodes), **how.settings}
            node.prepare(voters=voters, settings=settings, checkpoint=jars.checkpoint)
        broker.start()
    except BaseException:
        broker.close()
        raise
    return broker


def attach(record: Mapping[str, Any]) -> JarBroker:
    """The broker whose record this is, running or not."""
    home = Path(record["home"])
    members = tuple(Node(n, home / f"node-{n}", *ports) for n, ports in enumerate(record["ports"], start=1))
    jars = kafka_jars.fetch(kafka_jars.cache_root(), say_now)
    return JarBroker(home, jars, members, lasting=True, full_speed=record["full_speed"])
