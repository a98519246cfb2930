"""`sameroof topics` finds the local stack by itself, and says in a sentence that its Kafka is away."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.stackfile import BUS, Unreachable, bus_of

STACK = {
    "bootstrap_servers": "127.0.0.1:1",
    "partners": {"telco-a": {}, "telco-b": {}},
    "topic_settings": {"household_partitions": 4, "desk_partitions": 2, "replication": 1},
}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(BUS, raising=False)
    file = tmp_path / "stack.json"
    file.write_text(json.dumps(STACK))
    return file


def test_the_stack_file_names_the_bus_its_sizes_and_its_partners(stack: Path) -> None:
    bus = bus_of(stack)
    assert bus.settings == {
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "household_partitions": 4,
        "desk_partitions": 2,
        "replication": 1,
    }
    assert bus.partners == "telco-a,telco-b"


def test_a_bus_named_by_the_environment_goes_before_the_stack_file(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BUS, "elsewhere:9092")
    assert not bus_of(stack).settings


def test_another_file_is_refused_by_name(stack: Path) -> None:
    stack.write_text("[]")
    with pytest.raises(Unreachable, match="is not a stack file"):
        bus_of(stack)


def test_a_kafka_that_is_away_is_one_sentence() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", "topics", "--verify"],
            env={**os.environ, BUS: address},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == f"sameroof topics: Kafka at {address} does not answer; is the stack up? make up\n"
