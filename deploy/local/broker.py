"""What every kind of local broker offers, and the settings they share."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

Say = Callable[[str], None]
B = TypeVar("B", bound="Broker")

READY_SECONDS = 60.0
# 22 characters of base64url; one for all, since brokers never share data directories.
CLUSTER_ID = "c2FtZXJvb2YtbG9jYWwtMQ"


def say_now(text: str) -> None:
    """One line for whoever waits, also where standard output is a file or a pipe."""
    print(text, flush=True)


class BrokerFailed(Exception):
    """The broker did not start or did not come back; carries the end of its log."""


class PortTaken(BrokerFailed):
    """Somebody took a port between our look and the node's bind: choose others and start again."""


class OutOfReach(Exception):
    """This broker is not ours to stop or kill."""


class Broker(Protocol):
    """A Kafka of `nodes` nodes, numbered from 1. `kind` is `given`, `container` or `jars`."""

    @property
    def kind(self) -> str:
        """How it is provided."""

    @property
    def bootstrap_servers(self) -> str:
        """Comma separated host:port; the same after a restart."""

    @property
    def nodes(self) -> tuple[int, ...]:
        """The numbers of its nodes."""

    def start(self) -> None:
        """Starts every node that does not run; returns when all answer."""

    def kill(self, node: int = 1) -> None:
        """SIGKILL: returns when the node is gone."""

    def stop(self, node: int = 1) -> None:
        """SIGTERM: returns when the node is gone."""

    def restart(self, node: int = 1) -> None:
        """Starts the node again on the same port and data, stopping it first if it runs; returns when it answers."""

    def pause(self, node: int = 1) -> None:
        """SIGSTOP: connections stay open, nothing answers."""

    def resume(self, node: int = 1) -> None:
        """SIGCONT."""

    def record(self) -> dict[str, object]:
        """What `kafka.attach` needs to find it again from another process, as JSON."""

    def close(self, *, keep_data: bool = False) -> None:
        """Stops all nodes and, unless told otherwise, deletes their data. May be called twice."""


@dataclass(frozen=True)
class Start:
    """How a broker is started; see `kafka.provide`."""

    home: Path
    nodes: int
    settings: Mapping[str, str]
    lasting: bool
    full_speed: bool


def on_free_ports(attempt: Callable[[], B]) -> B:
    """What `attempt` returns, tried up to three times while the ports it chose turn out to be taken."""
    for _ in range(2):
        with suppress(PortTaken):
            return attempt()
    return attempt()


def settings_for(nodes: int) -> dict[str, str]:
    """Kafka's settings for this many nodes on one machine: small, quick to start, as strict as production's."""
    copies, in_sync = ("3", "2") if nodes >= 3 else ("1", "1")
    return {
        "auto.create.topics.enable": "false",
        "background.threads": "2",
        "broker.heartbeat.interval.ms": "300",
        "broker.session.timeout.ms": "1500" if nodes == 1 else "3000",  # how long a killed node holds its partitions
        "default.replication.factor": copies,
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "log.cleaner.dedupe.buffer.size": "4194304",
        "log.message.timestamp.type": "LogAppendTime",
        "message.max.bytes": "1048588",
        "min.insync.replicas": in_sync,
        "num.io.threads": "2",
        "num.network.threads": "2",
        "num.partitions": "1",
        "offsets.topic.num.partitions": "1" if nodes == 1 else "3",
        "offsets.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "transaction.max.timeout.ms": "30000",
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": "1" if nodes == 1 else "3",
        "transaction.state.log.replication.factor": copies,
        "unclean.leader.election.enable": "false",
    }


def wait_until_ready(bootstrap_servers: str, *, nodes: int, seconds: float, alive: Callable[[], bool]) -> None:
    """Returns once a controller and `nodes` nodes answer; raises BrokerFailed when that takes longer or `alive` is false."""
    settings: dict[str, Any] = {
        "bootstrap.servers": bootstrap_servers,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 100,
        "log_level": 0,
    }
    admin = AdminClient(settings)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not alive():
            raise BrokerFailed("the process ended before it was ready")
        try:
            if len(admin.list_topics(timeout=0.5).brokers) >= nodes:
                return
        except KafkaException:
            time.sleep(0.02)
    raise BrokerFailed(f"no answer from {bootstrap_servers} within {seconds:.0f} s")
