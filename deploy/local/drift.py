"""Checks that whatever is generated is as its source says; writes nothing and names the command that puts each right."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Generator:
    """A module that compares by itself (`--check`), or prints what the file `printed_to` must hold."""

    module: str
    writes_with: str = ""
    printed_to: str = ""

    def is_stale(self) -> bool:
        """Whether a committed file differs, or the generator fails; its own words pass through."""
        arguments = [] if self.printed_to else ["--check"]
        wanted = subprocess.PIPE if self.printed_to else None
        command = [sys.executable, "-m", self.module, *arguments]
        done = subprocess.run(command, stdout=wanted, cwd=_CHECKOUT, check=False)
        if done.returncode or not self.printed_to:
            return done.returncode != 0
        file = _CHECKOUT / self.printed_to
        return not file.exists() or file.read_bytes() != done.stdout


GENERATORS = (
    Generator("schemas.generate"),
    Generator("services.intake.openapi", writes_with="--write", printed_to="schemas/generated/openapi.json"),
    Generator("services.cli.lifecycles"),
    Generator("deploy.k8s.generate"),
)


def main() -> int:
    """Exit status 1 when something is out of date."""
    stale = [generator for generator in GENERATORS if generator.is_stale()]
    for generator in stale:
        print(f"out of date; put it right with: python -m {generator.module} {generator.writes_with}".rstrip())
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
