"""The official `apache/kafka` image on whatever container engine testcontainers finds."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from docker.errors import APIError, NotFound

from deploy.local.broker import (
    CLUSTER_ID,
    READY_SECONDS,
    BrokerFailed,
    PortTaken,
    Start,
    on_free_ports,
    settings_for,
    wait_until_ready,
)
from deploy.local.engine import IMAGE, INSIDE_PORT, Engine, KafkaContainer, owner_label, remove_leftovers
from deploy.local.ports import free_ports

_PORT_TAKEN = re.compile("port is already allocated|address already in use", re.IGNORECASE)


@dataclass(frozen=True)
class ContainerBroker:
    """Kafka in containers; see `broker.Broker`. Ids are the engine's container ids, in the order of the nodes."""

    engine: Engine
    bootstrap_servers: str
    ids: tuple[str, ...]
    network: str
    kind: str = field(default="container", init=False)

    @property
    def nodes(self) -> tuple[int, ...]:
        """Numbers from 1."""
        return tuple(range(1, len(self.ids) + 1))

    def kill(self, node: int = 1) -> None:
        """SIGKILL; returns when the node is gone."""
        self._container(node).kill("SIGKILL")
        self._container(node).wait(timeout=READY_SECONDS)

    def stop(self, node: int = 1) -> None:
        """SIGTERM; returns when the node is gone."""
        self.resume(node)
        self._container(node).stop(timeout=20)

    def restart(self, node: int = 1) -> None:
        """Starts the same container again, stopping it first if it runs; returns when it is part of the cluster."""
        self.stop(node)
        self._container(node).start()
        running = sum(self._alive(number) for number in self.nodes)
        self._await(node, running)

    def pause(self, node: int = 1) -> None:
        """Freezes the container."""
        self._container(node).pause()

    def resume(self, node: int = 1) -> None:
        """Thaws the container if it is frozen."""
        if self._container(node).status == "paused":
            self._container(node).unpause()

    def record(self) -> dict[str, object]:
        """What `attach` needs to find it again from another process."""
        return {
            "kind": self.kind,
            "bootstrap_servers": self.bootstrap_servers,
            "ids": self.ids,
            "network": self.network,
        }

    def close(self, *, keep_data: bool = False) -> None:
        """Stops every node; removes containers, volumes and network unless told to keep the data."""
        for node in self.nodes:
            try:
                container = self._container(node)
            except NotFound:
                continue
            container.stop(timeout=20) if keep_data else container.remove(force=True, v=True)
        if not keep_data:
            with suppress(NotFound):
                self.engine.client.networks.get(self.network).remove()

    def start(self) -> None:
        """Starts every container that does not run; returns when all nodes answer."""
        for node in self.nodes:
            self._container(node).start()
        for node in self.nodes:
            self._await(node, len(self.nodes))

    def _container(self, node: int) -> Any:
        return self.engine.client.containers.get(self.ids[node - 1])

    def _alive(self, node: int) -> bool:
        return bool(self._container(node).status in {"running", "paused", "created"})

    def _await(self, node: int, running: int) -> None:
        address = self.bootstrap_servers.split(",")[node - 1]
        try:
            wait_until_ready(address, nodes=running, seconds=READY_SECONDS, alive=lambda: self._alive(node))
        except BrokerFailed as failure:
            said = self._container(node).logs(tail=15).decode(errors="replace")
            raise BrokerFailed(f"Kafka node {node} ({IMAGE}): {failure}; the end of its log:\n{said}") from failure


def start(engine: Engine, how: Start) -> ContainerBroker:
    """A running broker; raises BrokerFailed leaving no container behind."""
    remove_leftovers(engine, how.home)
    return on_free_ports(lambda: _start(engine, how))


def attach(engine: Engine, record: Mapping[str, Any]) -> ContainerBroker:
    """The broker whose record this is, running or not."""
    return ContainerBroker(engine, record["bootstrap_servers"], tuple(record["ids"]), record["network"])


def _start(engine: Engine, how: Start) -> ContainerBroker:
    ports = free_ports(how.nodes)
    network = f"sameroof-{os.getpid()}-{ports[0]}"
    label = owner_label(how)
    servers = ",".join(f"{engine.host}:{port}" for port in ports)
    ids: list[str] = []
    try:
        engine.client.networks.create(network, labels=label)
        for number, port in enumerate(ports, start=1):
            environment = _environment(how, number, outside=f"{engine.host}:{port}")
            container = KafkaContainer(f"kafka-{number}", environment, host=engine.host, port=port, network=network)
            ids.append(container.start_owned_by(label))
        broker = ContainerBroker(engine, servers, tuple(ids), network)
        broker.start()
    except BaseException as failure:
        ContainerBroker(engine, servers, tuple(ids), network).close()
        if isinstance(failure, APIError) and _PORT_TAKEN.search(str(failure)):
            raise PortTaken(str(failure)) from failure
        raise
    return broker


def _environment(how: Start, number: int, *, outside: str) -> dict[str, str]:
    """The image takes each setting as a variable; its Java gets the same small heap as ours."""
    own = {
        "advertised.listeners": f"OUTSIDE://{outside},INSIDE://kafka-{number}:29092",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": ",".join(f"{n}@kafka-{n}:29093" for n in range(1, how.nodes + 1)),
        "inter.broker.listener.name": "INSIDE",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT",
        "listeners": f"OUTSIDE://:{INSIDE_PORT},INSIDE://:29092,CONTROLLER://:29093",
        "log.dirs": "/tmp/sameroof",  # noqa: S108 - inside the container
        "node.id": str(number),
        "process.roles": "broker,controller",
    }
    settings = {**settings_for(how.nodes), **how.settings, **own}
    variables = {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}
    return {**variables, "CLUSTER_ID": CLUSTER_ID, "KAFKA_HEAP_OPTS": "-Xmx512m"}
