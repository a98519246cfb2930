"""Processes of the product under test: started, asked, paused, killed, and never left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0  # bounds a hang, not a speed: the machine may be busy with other suites


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(what: str, check: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Returns once `check()` is true; fails naming `what` otherwise."""
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)


@dataclass
class Member:
    """One process of a service, under the product's own parent when `supervised`. Its logs go to `log`."""

    instance: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    supervised: bool = False
    ops_port: int = field(default_factory=free_port)
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> "Member":
        """Starts it."""
        own = {
            "SAMEROOF_INSTANCE": self.instance,
            "SAMEROOF_OPS_PORT": str(self.ops_port),
            "SAMEROOF_OPS_HOST": "127.0.0.1",
            "SAMEROOF_SHOW_STATE": "1",
        }
        parent = [sys.executable, "-m", "services.runtime.supervise", "--"] if self.supervised else []
        with self.log.open("ab") as out:
            self.popen = subprocess.Popen(
                [*parent, *self.command],
                env={**os.environ, **self.env, **own},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        return self

    @property
    def pid(self) -> int | None:
        """The process that does the work: the parent's child when there is a parent."""
        assert self.popen is not None
        if not self.supervised:
            return self.popen.pid if self.popen.poll() is None else None
        with suppress(OSError):
            children = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children").read_text().split()
            return int(children[0]) if children else None
        return None

    def signal(self, number: signal.Signals) -> int | None:
        """Signals the process that does the work; its pid, None when there is none just now."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def get(self, path: str) -> tuple[int, str]:
        """Status and body from the operations port; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops_port}{path}", timeout=1.0) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def ready(self) -> bool:
        """Whether it says so."""
        return self.get("/readyz")[0] == 200

    def state(self) -> dict[int, dict[str, Any]]:
        """Digest and positions by owned partition; empty when nobody answers."""
        status, body = self.get("/state")
        return {int(number): shown for number, shown in json.loads(body).items() if shown} if status == 200 else {}

    def wait_ready(self) -> "Member":
        """Returns once it is ready."""
        wait_until(f"{self.instance} is ready, see {self.log}", self.ready)
        return self

    def ended(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Its exit status, once it has ended."""
        assert self.popen is not None
        return self.popen.wait(seconds)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL."""
        if self.popen is not None and self.popen.poll() is None:
            self.signal(signal.SIGCONT)
            self.popen.terminate()
            try:
                self.popen.wait(8.0)
            except subprocess.TimeoutExpired:
                self.kill()
        self._tidy()

    def kill(self) -> None:
        """SIGKILL to parent and child."""
        if self.popen is not None:
            self.popen.kill()
            self.signal(signal.SIGKILL)
            self.popen.wait(5.0)
        self._tidy()

    def _tidy(self) -> None:
        """A process that was killed leaves its flight recording for its next life; there is none."""
        bus = zlib.crc32(self.env.get("SAMEROOF_KAFKA_BOOTSTRAP_SERVERS", "").encode())
        for left in Path("/dev/shm").glob(f"sameroof-*-{self.instance}-{bus:08x}"):
            left.unlink(missing_ok=True)


def stop_all(members: Sequence[Member]) -> None:
    """Stops all of them at the same time."""
    for member in members:
        if member.popen is not None and member.popen.poll() is None:
            member.signal(signal.SIGCONT)
            member.popen.terminate()
    for member in members:
        member.stop()
