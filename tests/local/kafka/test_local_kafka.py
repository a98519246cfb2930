"""The broker every other integration test stands on: which one is taken, and what is left when things go wrong."""

import http.server
import json
import os
import shutil
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local import containers, given, jars
from deploy.local.broker import BrokerFailed, Start
from deploy.local.engine import find_engine
from deploy.local.given import GivenBroker
from deploy.local.kafka import Broker, Missing, OutOfReach, attach, provide
from deploy.local.nodes import JarBroker

pytestmark = pytest.mark.kafka


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a container engine and without a Kafka of somebody else's."""
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


@pytest.fixture
def own(no_engine: None) -> Iterator[JarBroker]:
    """A jar broker this test may harm."""
    broker = provide()
    assert isinstance(broker, JarBroker)
    yield broker
    broker.close()


class Unacknowledged(Exception):
    """A record nobody acknowledged."""


def create_topic(broker: Broker, name: str, *, copies: int = 1) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=copies)])[name].result(15)


def write(broker: Broker, topic: str, value: bytes, *, seconds: float = 15) -> None:
    """Appends one acknowledged record; raises Unacknowledged when nobody acknowledges it in time."""
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "acks": "all", "log_level": 0})
    producer.produce(topic, value)
    # Not by delivery report: the one of a failed delivery leaves a pending error behind (confluent-kafka 2.16.1).
    if producer.flush(seconds):
        producer.purge()
        raise Unacknowledged(value)


def read(broker: Broker, topic: str, count: int) -> list[bytes | None]:
    """The first `count` values of partition 0, fewer when no more come for ten seconds."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "reads", "log_level": 0})
    consumer.assign([TopicPartition(topic, 0, 0)])
    try:
        return [message.value() for message in consumer.consume(count, timeout=10) if message.error() is None]
    finally:
        consumer.close()


def eventually(holds: Callable[[], bool], *, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


# ------------------------------------------------------------------------------------------------ which one is taken


def test_a_kafka_that_is_named_is_taken_before_anything_is_started(
    kafka: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    said: list[str] = []
    taken = provide(say=said.append)
    assert isinstance(taken, GivenBroker)
    assert said == [f"Kafka: the one at KAFKA_BOOTSTRAP_SERVERS={kafka.bootstrap_servers}"]
    with pytest.raises(OutOfReach):
        taken.kill()
    taken.close()
    create_topic(kafka, "given-is-left-running")


def test_a_named_kafka_that_does_not_answer_stops_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setattr(given, "_ANSWER_SECONDS", 0.5)
    with pytest.raises(Missing, match=r"127\.0\.0\.1:1.*unset KAFKA_BOOTSTRAP_SERVERS"):
        provide()


class _EngineWithoutImages(http.server.BaseHTTPRequestHandler):
    """Docker's API as it looks when the registry cannot be reached: it answers, has no image, and a pull never begins."""

    def do_GET(self) -> None:
        if self.path.endswith("/version"):
            self._say(200, b'{"ApiVersion": "1.44"}')
        else:
            self._say(404, b'{"message": "no such image"}')

    def do_POST(self) -> None:
        self._say(500, b'{"message": "registry unreachable"}')

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    def address_string(self) -> str:
        return "local"


def test_an_engine_that_cannot_get_the_image_counts_as_absent(
    no_engine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socketserver.ThreadingUnixStreamServer(str(tmp_path / "engine.sock"), _EngineWithoutImages) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine.sock")
        said: list[str] = []
        started = time.monotonic()
        broker = provide(say=said.append)
        took = time.monotonic() - started
        server.shutdown()
    broker.close()
    assert broker.kind == "jars"
    assert any("cannot get apache/kafka" in line for line in said)
    assert took < 20


def test_without_engine_and_java_it_says_what_to_install(
    no_engine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Missing, match="Java 17 or newer - get it with: apt-get install"):
        provide()


def test_without_maven_and_an_empty_cache_it_says_what_to_install(
    no_engine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "java").symlink_to(jars.find_java())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(Missing, match="Maven - get it with: apt-get install maven"):
        provide()
    assert not jars.fetched(jars.cache_root())


def test_a_fetch_that_fails_leaves_no_half_cache(
    no_engine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The real Maven, told that it has no network and nothing fetched before."""
    maven = tmp_path / "mvn"
    maven.write_text(f'#!/bin/sh\nexec {shutil.which("mvn")} -o -Dmaven.repo.local={tmp_path}/repository "$@"\n')
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(Missing, match="Maven could not fetch it"):
        provide()
    assert [path.name for path in jars.cache_root().iterdir()] == [f"kafka-{jars.VERSION}.lock"]


# -------------------------------------------------------------------------------------------- what a crash leaves behind


def running_under(folder: Path) -> list[int]:
    """The pids of all processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(folder).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def test_a_broker_that_cannot_start_leaves_no_process_and_no_data(no_engine: None, tmp_path: Path) -> None:
    with pytest.raises(BrokerFailed, match="the process ended before it was ready"):
        provide(home=tmp_path / "broker", settings={"log.message.timestamp.type": "NeverHeardOf"})
    assert not (tmp_path / "broker").exists()
    assert running_under(tmp_path) == []


STARTER = """
import os, signal, sys
from pathlib import Path
from deploy.local import kafka
broker = kafka.provide(home=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
print(broker.home, flush=True)
signal.pause()
"""


def start_elsewhere(*arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", STARTER, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})


def test_a_starter_killed_halfway_takes_its_broker_along(no_engine: None, tmp_path: Path) -> None:
    with start_elsewhere(str(tmp_path / "broker")) as starter:
        assert eventually(lambda: len(running_under(tmp_path / "broker" / "node-1")) > 0)
        starter.kill()
    assert eventually(lambda: running_under(tmp_path) == [])


def test_data_of_a_killed_starter_is_gone_after_the_next_start(no_engine: None, own: JarBroker) -> None:
    with start_elsewhere() as starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        home = Path(starter.stdout.readline().strip())
        assert home.is_dir()
        starter.kill()
    provide().close()
    assert not home.exists()
    assert own.home.exists()


def test_a_lasting_start_that_was_killed_is_ended_by_the_next_one_in_its_place(no_engine: None, tmp_path: Path) -> None:
    broker = provide(home=tmp_path / "broker", lasting=True)
    (orphan,) = running_under(tmp_path)
    again = provide(home=tmp_path / "broker", lasting=True)
    try:
        assert orphan not in running_under(tmp_path)
        assert again.bootstrap_servers != broker.bootstrap_servers
    finally:
        again.close()
    assert running_under(tmp_path) == []


def test_a_lasting_broker_outlives_its_starter_and_is_found_again(no_engine: None, tmp_path: Path) -> None:
    source = (
        "import json, sys; from pathlib import Path; from deploy.local import kafka; "
        "broker = kafka.provide(home=Path(sys.argv[1]), lasting=True, say=lambda _: None); print(json.dumps(broker.record()))"
    )
    started = subprocess.run(
        [sys.executable, "-c", source, str(tmp_path / "broker")], capture_output=True, text=True, check=True
    )
    broker = attach(json.loads(started.stdout))
    try:
        create_topic(broker, "kept")
        broker.kill()
        broker.restart()
        write(broker, "kept", b"after")
    finally:
        broker.close()
    assert running_under(tmp_path) == []
    assert not (tmp_path / "broker").exists()


# ------------------------------------------------------------------------------------------------------- side by side


def test_two_brokers_run_side_by_side_without_seeing_each_other(kafka: Broker, own: JarBroker) -> None:
    create_topic(own, "mine")
    assert own.bootstrap_servers != kafka.bootstrap_servers
    assert "mine" not in AdminClient({"bootstrap.servers": kafka.bootstrap_servers}).list_topics(timeout=10).topics


def test_two_checkouts_may_fill_one_cache_at_the_same_time(no_engine: None, tmp_path: Path) -> None:
    """The jars are there, what makes the start fast is not: one makes it, both start."""
    cache = tmp_path / "sameroof" / f"kafka-{jars.VERSION}"
    cache.mkdir(parents=True)
    (cache / "libs").symlink_to(jars.fetch(jars.cache_root(), print).home / "libs")
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    starters = [start_elsewhere(str(tmp_path / name), env=env) for name in ("one", "two")]
    for starter in starters:
        with starter:
            assert starter.stdout is not None
            assert any(line.startswith(str(tmp_path)) for line in iter(starter.stdout.readline, ""))
            starter.kill()
    names = sorted(path.suffix for path in cache.iterdir() if path.suffix != ".lock")
    assert names == ["", ".checkpoint", ".jsa"]
    assert eventually(lambda: running_under(tmp_path) == [])


# ------------------------------------------------------------------------------------------------------------- faults


def test_a_killed_broker_comes_back_on_its_port_with_its_data(own: JarBroker) -> None:
    address = own.bootstrap_servers
    create_topic(own, "kept")
    write(own, "kept", b"before")
    own.kill()
    assert own.pid() is None
    own.restart()
    write(own, "kept", b"after")
    assert own.bootstrap_servers == address
    assert read(own, "kept", 2) == [b"before", b"after"]


def test_a_paused_broker_acknowledges_nothing_until_it_is_resumed(own: JarBroker) -> None:
    create_topic(own, "silent")
    own.pause()
    with pytest.raises(Unacknowledged):
        write(own, "silent", b"unheard", seconds=1)
    own.resume()
    write(own, "silent", b"heard")


@pytest.mark.skipif(
    os.environ.get("SAMEROOF_FULL") != "1",
    reason="test_faust_edges kills one of three nodes; SAMEROOF_FULL=1 runs this too",
)
def test_with_three_nodes_one_may_die_and_every_write_is_still_acknowledged(no_engine: None) -> None:
    broker = provide(3)
    try:
        create_topic(broker, "survives", copies=3)
        broker.kill(1)
        write(broker, "survives", b"with two", seconds=30)
        broker.restart(1)
        broker.kill(2)
        write(broker, "survives", b"with the one that came back", seconds=30)
        assert read(broker, "survives", 2) == [b"with two", b"with the one that came back"]
    finally:
        broker.close()


def test_in_containers_a_broker_keeps_port_and_data_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    engine = find_engine(print)
    if engine is None:
        pytest.skip("no container engine that can get the Kafka image")
    broker = containers.start(engine, Start(tmp_path, 1, {}, lasting=False, full_speed=False))
    try:
        create_topic(broker, "kept")
        write(broker, "kept", b"before")
        broker.kill()
        broker.restart()
        write(broker, "kept", b"after")
        assert read(broker, "kept", 2) == [b"before", b"after"]
    finally:
        broker.close()
    ours = {"label": "sameroof.owner"}
    assert {container.id for container in engine.client.containers.list(all=True, filters=ours)}.isdisjoint(broker.ids)
    assert broker.network not in {network.name for network in engine.client.networks.list(filters=ours)}
    engine.client.close()
