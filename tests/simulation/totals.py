"""How much has been simulated, kept in `.local/simulation.json` for each state of the code: a seed counts once."""

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".local" / "simulation.json"
JUDGED = ("services", "schemas", "tests/simulation")
SUFFIXES = frozenset({".py", ".yaml", ".json"})


def code_hash() -> str:
    """16 digits that change with the services, the schemas and the simulator."""
    total = hashlib.sha256()
    for folder in JUDGED:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


class Totals:
    """What was simulated with the code as it is now. `file` is shared by everybody who simulates in this checkout."""

    def __init__(self, file: Path = FILE, code: str | None = None) -> None:
        self._file = file
        self.code = code or code_hash()

    def add(self, seed: int, steps: int, broken: str | None) -> None:
        """Counts a seed, unless it was counted before."""
        with self._locked() as (everything, mine):
            ranges: list[list[int]] = mine["seeds"]
            if any(first <= seed < end for first, end in ranges):
                return
            mine["steps"] += steps
            mine["seeds"] = _merged([*ranges, [seed, seed + 1]])
            if broken is not None:
                mine["broken"][str(seed)] = broken
            everything[self.code] = mine

    def steps(self) -> int:
        """Steps so far."""
        with self._locked() as (_, mine):
            return int(mine["steps"])

    def next_seed(self) -> int:
        """The first seed from 1 on that was not counted yet."""
        with self._locked() as (_, mine):
            return next((end for first, end in mine["seeds"] if first == 1), 1)

    @contextmanager
    def _locked(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            before = file.read()
            everything: dict[str, Any] = json.loads(before or "{}")
            yield everything, everything.get(self.code, {"steps": 0, "seeds": [], "broken": {}})
            after = json.dumps(everything, indent=1)
            if after != before and everything:
                file.seek(0)
                file.truncate()
                file.write(after)


def _merged(ranges: list[list[int]]) -> list[list[int]]:
    """Half-open ranges, joined where they touch."""
    found: list[list[int]] = []
    for first, end in sorted(ranges):
        if found and first <= found[-1][1]:
            found[-1][1] = max(end, found[-1][1])
        else:
            found.append([first, end])
    return found
