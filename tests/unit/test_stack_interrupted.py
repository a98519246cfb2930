"""Whoever stops a start gets one sentence, and nothing that was started stays."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.home import CHECKOUT

_SECONDS = 60


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_a_start_told_to_stop_says_so_in_one_sentence_and_leaves_no_data(told: signal.Signals, tmp_path: Path) -> None:
    with socket.socket() as nobody:  # bound and not listening: up waits for this Kafka
        nobody.bind(("127.0.0.1", 0))
        environment = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{nobody.getsockname()[1]}"}
        up = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.stack", "up", "--home", str(tmp_path / "home")],
            cwd=CHECKOUT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert up.stdout is not None
        said = up.stdout.readline()
        up.send_signal(told)
        _, complaint = up.communicate(timeout=_SECONDS)
    assert said.startswith("Kafka: the one at ")
    assert complaint == "Interrupted; what was started is stopped again.\n"
    assert up.returncode == 1
    assert not (tmp_path / "home" / "data").exists()
