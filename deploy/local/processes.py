"""Starts processes that are found again by pid *and* start time, so that a reused pid is never signalled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TETHER = Path(__file__).with_name("tether.py")
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """A process and all it starts (it leads its own session); `started` tells it from a later owner of its pid."""

    pid: int
    started: str

    def alive(self) -> bool:
        """Whether it still runs; a zombie counts as gone, and one of our own is reaped."""
        if _started(self.pid) == self.started:
            return True
        if child := _children.pop(self.pid, None):
            child.wait()
        return False

    def signal(self, number: signal.Signals) -> None:
        """Sends one signal to the process and what it started; nothing happens when it is gone."""
        if _started(self.pid) not in {self.started, ""}:
            return  # the pid belongs to somebody else now, hence nobody is left in our session
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM to the process alone: a supervisor forwards it in its own order."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """True once it is gone, False when it still runs after `seconds`."""
        until = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def stop(self, grace_seconds: float = 15.0) -> None:
        """SIGTERM, then SIGKILL for whatever of it is left after the grace."""
        self.terminate()
        self.wait(grace_seconds)
        self.signal(signal.SIGKILL)
        self.wait(5.0)


def this_process() -> Process:
    """The process that asks."""
    return Process(os.getpid(), _started(os.getpid()))


def start(
    command: Sequence[str],
    *,
    log: Path,
    record: Callable[[Process], None],
    env: Mapping[str, str] | None = None,
    lasting: bool = False,
) -> Process:
    """Starts `command` with both outputs appended to `log`. Unless `lasting`, it is killed when this process ends.

    `record` is called before the command runs: a starter that is killed leaves nothing running that is not recorded.
    """
    tether = [sys.executable, "-I", "-S", str(_TETHER), "0" if lasting else str(os.getpid())]
    log.parent.mkdir(parents=True, exist_ok=True)

    def spawn() -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                [*tether, *command], stdin=subprocess.PIPE, stdout=out, stderr=out, env=env, start_new_session=True
            )

    child = _starter().submit(spawn).result()
    _children[child.pid] = child
    process = Process(child.pid, _started(child.pid))
    assert child.stdin is not None
    with child.stdin as gate, suppress(BrokenPipeError):  # closed without a byte if `record` raises
        record(process)
        gate.write(b".")
    return process


@cache
def _starter() -> ThreadPoolExecutor:
    # The kernel ties the death signal to the *thread* that forked; this one lives as long as the process.
    return ThreadPoolExecutor(1, thread_name_prefix="starter")


def _started(pid: int) -> str:
    """When the process with this pid started, in a form that is unique on this machine; empty when there is none."""
    if sys.platform != "linux":
        asked = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        state, _, started = asked.stdout.strip().partition(" ")
        return "" if state.startswith("Z") else started.strip()
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in {"Z", "X"} else f"{_boot()}-{fields[19]}"


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
