"""What of the stack runs: a file that is written at each start, so that an interrupted `up` can be undone by the next command."""

import json
from pathlib import Path
from typing import Any

from deploy.local.processes import Process

_STOP_SECONDS = 20.0


def write_json(path: Path, content: Any) -> None:
    """Replaces the file as a whole; only its owner may read it, it can hold tokens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(content, indent=2) + "\n")
    part.replace(path)


class Running:
    """Processes by name, in the order they were started."""

    def __init__(self, file: Path) -> None:
        self._file = file
        known = json.loads(file.read_text()) if file.exists() else {}
        self.processes = {name: Process(**entry) for name, entry in known.items()}

    def add(self, name: str, process: Process) -> None:
        """Remembers one more."""
        self.processes[name] = process
        write_json(self._file, {one: {"pid": p.pid, "started": p.started} for one, p in self.processes.items()})

    def alive(self) -> list[str]:
        """Names of those that run."""
        return [name for name, process in self.processes.items() if process.alive()]

    def stop(self) -> list[str]:
        """Stops all, the last started first but none waiting for another; names of those that had to be killed."""
        order = list(reversed(self.processes.items()))
        for _, process in order:
            process.terminate()
        late = [name for name, process in order if not process.wait(_STOP_SECONDS)]
        for _, process in order:
            process.stop(0)
        self._file.unlink(missing_ok=True)
        self.processes = {}
        return late
