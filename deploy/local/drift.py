"""Checks that whatever is generated is as its source says: runs each generator with `--check`, which compares and writes nothing."""

import subprocess
import sys
from importlib.util import find_spec

GENERATORS = (
    "schemas.generate",
    "services.intake.openapi",
    "deploy.k8s.generate",
    "deploy.k8s.monitoring.generate",
    "services.cli.lifecycles",
)


def exists(module: str) -> bool:
    """Whether this checkout has the generator."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def main() -> int:
    """Exit status 1 when a generated file is out of date; each generator names its own."""
    stale = [
        module
        for module in filter(exists, GENERATORS)
        if subprocess.run([sys.executable, "-m", module, "--check"], check=False).returncode
    ]
    for module in stale:
        print(f"out of date: python -m {module}")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
