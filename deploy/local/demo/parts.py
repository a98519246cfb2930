"""The demo's other processes: started, told, waited for, and never left behind."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from deploy.local.demo.plays import Play
from deploy.local.home import CHECKOUT

_TAIL_LINES = 15
_STOP_SECONDS = 10.0


class PartFailed(Exception):
    """A part that ended badly or did not end; carries the end of its log."""


class Part:
    """One process. Its standard input is ours: a part that reads it ends when we do."""

    def __init__(self, name: str, play: Play) -> None:
        self.name = name
        self.log = play.logs / "log" / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", f"deploy.local.demo.{name}", *play.arguments()]
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True
            )

    def tell(self, what: dict[str, str]) -> None:
        """One JSON line on its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()

    async def ended(self, within: float) -> None:
        """Returns once it has ended well; raises PartFailed."""
        until = asyncio.get_running_loop().time() + within
        while self._process.poll() is None:
            if asyncio.get_running_loop().time() > until:
                raise PartFailed(f"{self.name} did not end within {within:.0f} s:\n{tail(self.log)}")
            await asyncio.sleep(0.05)
        if self._process.returncode:
            raise PartFailed(f"{self.name} ended with {self._process.returncode}:\n{tail(self.log)}")

    def check(self) -> None:
        """Raises PartFailed when it ended badly already."""
        if self._process.poll():
            raise PartFailed(f"{self.name} ended with {self._process.returncode}:\n{tail(self.log)}")

    def close_input(self) -> None:
        """Tells it that nothing more will be told."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def stop(self) -> None:
        """Ends it, whatever it does."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
