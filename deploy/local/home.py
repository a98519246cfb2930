"""Where one stack keeps what: by default `.local` of this checkout."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Home:
    """The folder of one stack and what is where in it."""

    folder: Path

    @property
    def stack(self) -> Path:
        """What others read; exists while the stack is up."""
        return self.folder / "stack.json"

    @property
    def data(self) -> Path:
        """Everything `down` deletes: Kafka's log, SQLite files, received pages."""
        return self.folder / "data"

    @property
    def issuer(self) -> Path:
        """The dev issuer's keys."""
        return self.folder / "dev-issuer"

    @property
    def broker(self) -> Path:
        """How to find the broker again."""
        return self.data / "broker.json"

    @property
    def running(self) -> Path:
        """Processes by pid and start."""
        return self.folder / "running.json"

    def log(self, process: str) -> Path:
        """The log of one process."""
        return self.folder / "log" / f"{process}.log"

    def clean(self) -> None:
        """Deletes the data and the keys; logs stay until the next start."""
        for folder in (self.data, self.issuer):
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One `up` or `down` at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "stack.lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
