"""`make up` and `make down`: the whole stack as processes, in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from deploy.k8s.exposed import DASHBOARD, exposed, named, pages

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[2]


def command(home: Path, verb: str) -> list[str]:
    return [sys.executable, "-m", "deploy.local.stack", verb, "--home", str(home)]


def run(home: Path, verb: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **settings}
    return subprocess.run(
        command(home, verb), env=env, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )


def processes_of(home: Path) -> list[int]:
    """The pids of everything that knows this folder, by command line or environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            if str(home).encode() in known and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def eventually(holds: Callable[[], bool], *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stack that is up."""
    folder = tmp_path_factory.mktemp("stack") / "home"
    done = run(folder, "up")
    assert done.returncode == 0, done.stdout + done.stderr
    yield folder
    run(folder, "down")


def described(home: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((home / "stack.json").read_text())
    return content


def test_the_stack_file_names_everything_others_rely_on(home: Path) -> None:
    stack = described(home)
    fixed = {
        "bootstrap_servers",
        "api_url",
        "board_url",
        "ops_urls",
        "page_sink_url",
        "tokens",
        "catalogue",
        "partners",
        "topic_settings",
    }
    assert fixed <= stack.keys()
    assert set(stack["tokens"]) == {"agent", "responder", "supervisor"}
    assert (home / "stack.json").stat().st_mode & 0o077 == 0


def test_every_process_it_names_is_ready(home: Path) -> None:
    for url in described(home)["ops_urls"].values():
        with urlopen(f"{url}/readyz", timeout=5) as answer:
            assert answer.status == 200


def test_every_metric_the_dashboard_names_is_exposed(home: Path) -> None:
    assert named(DASHBOARD.read_text()) - exposed(pages(home / "stack.json")) == set()


def test_a_second_up_changes_nothing_and_says_so(home: Path) -> None:
    before = described(home)
    again = run(home, "up")
    assert again.returncode == 0
    assert "Already up" in again.stdout
    assert described(home) == before


def test_down_stops_all_of_it_and_keeps_data_only_on_request(home: Path) -> None:
    kept = run(home, "down", KEEP="1")
    assert kept.returncode == 0, kept.stderr
    assert processes_of(home) == []
    assert not (home / "stack.json").exists()
    assert (home / "data").is_dir()
    assert run(home, "up").returncode == 0
    assert run(home, "down").returncode == 0
    assert processes_of(home) == []
    assert not (home / "data").exists()


def test_an_up_killed_halfway_is_undone_by_the_next_command(tmp_path: Path) -> None:
    with subprocess.Popen(command(tmp_path / "home", "up"), cwd=ROOT, stdout=subprocess.DEVNULL) as starting:
        assert eventually((tmp_path / "home" / "running.json").exists, seconds=60)
        starting.send_signal(signal.SIGKILL)
    assert processes_of(tmp_path) != []
    assert run(tmp_path / "home", "down").returncode == 0
    assert processes_of(tmp_path) == []


def test_a_service_that_cannot_start_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    failed = run(tmp_path / "home", "up", SAMEROOF_CATALOGUE=str(tmp_path / "no-catalogue"))
    assert failed.returncode == 1
    assert "the end of" in failed.stderr
    assert processes_of(tmp_path) == []
    assert not (tmp_path / "home" / "stack.json").exists()
    assert not (tmp_path / "home" / "data").exists()
