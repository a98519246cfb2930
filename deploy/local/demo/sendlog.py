"""The senders' logs: one JSON line per report sent and how its sending ended; what the verdict believes about the outside."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

PATTERN = "sent-*.jsonl"


@dataclass(frozen=True)
class Sent:
    """One report that was sent. Acknowledged: HTTP 201 or 202, or a delivery report of the broker.

    Over HTTP `key` is the idempotency key, `case_id` what the answer named, `report_id` the command of a 202. On a partner's
    topic `source` and `key` are the event's source and id, and `topic`, `partition`, `offset` where the broker put it.
    `kind`: `report`, `repeat` (same id and body again), `conflict` (same id, other body), `broken` (no report at all).
    """

    door: str
    key: str
    act: str
    acked: bool
    attempts: int
    sent_at: str
    answered_at: str | None = None
    kind: str = "report"
    status: int | None = None
    case_id: str | None = None
    report_id: str | None = None
    source: str | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None


class SendLog:
    """Appends to one sender's log; every line is on disk when `write` returns."""

    def __init__(self, folder: Path, sender: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = (folder / PATTERN.replace("*", sender)).open("a", encoding="utf-8")

    def write(self, sent: Sent) -> None:
        """One line."""
        self._file.write(json.dumps({name: what for name, what in asdict(sent).items() if what is not None}) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def read_logs(folder: Path) -> list[Sent]:
    """All logs of a folder, a sender's lines in the order written."""
    return [Sent(**json.loads(line)) for line in _lines(sorted(folder.glob(PATTERN)))]


def _lines(files: Iterable[Path]) -> list[str]:
    return [line for file in files for line in file.read_text("utf-8").splitlines() if line]
