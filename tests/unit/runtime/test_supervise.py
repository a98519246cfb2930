"""The parent restarts at once, backs off only after five exits a minute, passes SIGTERM on and never gives up."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from services.runtime.supervise import LONGEST_DELAY_SECONDS, delay_before_restart
from tests.stage.fleet import wait_until


def test_five_exits_a_minute_are_restarted_at_once_and_the_next_ones_wait() -> None:
    exits = deque(float(second) for second in range(9))
    delays = [delay_before_restart(deque(list(exits)[:number]), 9.0) for number in range(10)]
    assert delays == [0, 0, 0, 0, 0, 0, 1, 2, 4, 8]


def test_exits_older_than_a_minute_are_forgotten() -> None:
    assert delay_before_restart(deque(float(second) for second in range(9)), 100.0) == 0


def test_ten_exits_in_five_minutes_are_all_followed_by_a_start() -> None:
    now, exits = 0.0, deque[float]()
    for _ in range(10):
        exits.append(now)
        delay = delay_before_restart(exits, now)
        assert delay <= LONGEST_DELAY_SECONDS
        now += delay + 0.5
    assert now < 300


def start(script: Path, body: str) -> subprocess.Popen[bytes]:
    script.write_text(body)
    command = [sys.executable, "-m", "services.runtime.supervise", "--", sys.executable, "-S", str(script)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def test_a_child_that_always_ends_is_started_again_and_again(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    parent = start(tmp_path / "child.py", f"open({str(lives)!r}, 'a').write('x'); raise SystemExit(3)")
    try:
        wait_until("seven lives", lambda: lives.exists() and len(lives.read_text()) >= 7)
        assert parent.poll() is None
    finally:
        parent.terminate()
    assert parent.wait(5) in {3, 128 + signal.SIGTERM}, "the status of the last life, which SIGTERM may have cut short"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_child_and_the_parent_ends_with_its_status(tmp_path: Path, number: signal.Signals) -> None:
    told = tmp_path / "told"
    body = (
        "import signal, sys, time\n"
        f"def end(number, frame): open({str(told)!r}, 'a').write(str(number)); sys.exit(7)\n"
        f"signal.signal({int(number)}, end)\n"
        f"open({str(told)!r}, 'a').write('ready ')\n"
        "while True: time.sleep(0.01)\n"
    )
    parent = start(tmp_path / "child.py", body)
    wait_until("the child is there", lambda: told.exists() and told.read_text())
    parent.send_signal(number)
    assert parent.wait(5) == 7
    assert told.read_text() == f"ready {int(number)}"


def test_a_killed_child_is_back_at_once_and_a_killed_parent_leaves_none(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    parent = start(
        tmp_path / "child.py", f"import os, time\nopen({str(pids)!r}, 'a').write(f'{{os.getpid()}} ')\ntime.sleep(60)"
    )
    wait_until("the first life", lambda: pids.exists() and pids.read_text().endswith(" "))
    first = int(pids.read_text().split()[0])
    began = time.monotonic()
    os.kill(first, signal.SIGKILL)
    wait_until("the second life", lambda: len(pids.read_text().split()) == 2)
    assert time.monotonic() - began < 1.0
    second = int(pids.read_text().split()[1])
    parent.kill()
    parent.wait(5)
    wait_until(
        "no orphan",
        lambda: not Path(f"/proc/{second}/cmdline").exists() or not Path(f"/proc/{second}/cmdline").read_bytes(),
    )


def test_a_command_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("wb") as out:
        parent = subprocess.Popen(
            [sys.executable, "-m", "services.runtime.supervise", "--", str(tmp_path / "nothing")], stderr=out
        )
    wait_until("two attempts", lambda: said.read_text().count("cannot run") >= 2)
    parent.terminate()
    assert parent.wait(5) in {127, 128 + signal.SIGTERM}, "the signal may reach a life that has not tried yet"


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], 0), (["--nonsense"], os.EX_USAGE)])
def test_an_option_is_no_command_to_start_again_and_again(arguments: list[str], status: int) -> None:
    command = [sys.executable, "-m", "services.runtime.supervise", *arguments]
    assert subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == status
