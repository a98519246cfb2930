"""Runs test suites one after the other, each with its share of the time: `python -m deploy.local.suites unit contracts ...`.

Prints what pytest prints, then a table and one closing line like pytest's own. Every suite runs, whatever the ones before did.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHECKOUT = Path(__file__).parents[2]
_NO_TESTS = 5  # pytest's exit status
_BESIDE = (  # no promise about time: so many at once, the longest first
    (3, ("simulation", "machines", "unit/intake", "scenarios", "unit", "desk_sim", "contracts", "architecture")),
    (
        3,
        ("integration", "faults", "local", "integration/doors", "local/kafka"),
    ),  # they wait for a broker much of their time
)
_ON_A_BROKER = frozenset({"integration", "integration/doors", "local", "local/kafka", "faults", "timing"})
# They use none, and its plugin compiles itself at the very end, beside clients' threads: Python 3.11 does not survive that always.
_WITHOUT_HYPOTHESIS = ("-p", "no:hypothesispytest")
_MEMORY = Path("/dev/shm")  # noqa: S108 - Linux keeps it in memory
_ENOUGH = 1 << 30  # bytes
_KEPT: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}


@dataclass(frozen=True)
class Result:
    """How a suite went; `broken` when pytest itself could not run it."""

    suite: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    status: int

    @property
    def verdict(self) -> str:
        """One word, or what kept pytest from running."""
        if self.status == _NO_TESTS:
            return "has no tests"
        return "ok" if self.status == 0 else "FAILED"


def run(suite: str, suites: Iterable[str], *, aside: bool = False) -> Result:
    """Runs one folder of tests/ without those inside it that are suites of their own; its output passes through, or is printed at the
    end when it runs beside another."""
    report = _CHECKOUT / ".local" / "test" / f"{suite}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--durations=3", f"--junitxml={report}", f"tests/{suite}"]
    command += [f"--ignore=tests/{one}" for one in suites if one.startswith(f"{suite}/")]
    command += _WITHOUT_HYPOTHESIS if suite in _ON_A_BROKER else ()
    print(f"\n=== {suite} ===" if not aside else f"{suite} has begun", flush=True)
    done = subprocess.run(
        command, cwd=_CHECKOUT, env=_environment(), check=False, text=True, **(_KEPT if aside else {})
    )
    if aside:
        print(f"\n=== {suite} ===\n{done.stdout}", end="", flush=True)
    status = done.returncode
    passed, failed, skipped = counts(report)
    return Result(suite, passed, failed, skipped, time.monotonic() - began, status)


def _environment() -> dict[str, str]:
    """Ours, with temporary files in memory where there is enough of it: a database that waits for the disk waits for half of its test.
    Bytecode is kept, whatever is usual here: some hundred processes start, each in a third less time."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH
    return {**({"PYTEST_DEBUG_TEMPROOT": str(_MEMORY)} if roomy else {}), **ours}


def counts(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of a JUnit report; zeros when pytest wrote none."""
    if not report.exists():
        return 0, 0, 0
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it just now
        for name in totals:
            totals[name] += int(suite.get(name, "0"))
    failed = totals["failures"] + totals["errors"]
    return totals["tests"] - failed - totals["skipped"], failed, totals["skipped"]


def closing(results: Iterable[Result], whole: float) -> str:
    """The table of shares (of `whole`, the seconds it took in all) and the last line."""
    results = list(results)
    lines = [
        f"  {r.suite:<14}{r.verdict:<14}{r.passed:>5} passed {r.seconds:>7.1f} s {100 * r.seconds / max(whole, 0.001):>4.0f} %"
        for r in results
    ]
    parts = [(sum(r.failed for r in results), "failed"), (sum(r.passed for r in results), "passed")]
    parts.append((sum(r.skipped for r in results), "skipped"))
    parts.append((sum(1 for r in results if r.status and not r.failed), "suites broken"))
    counts = ", ".join(f"{count} {what}" for count, what in parts if count) or "nothing ran"
    return "\n".join(["", *lines, f"{counts} in {whole:.2f}s"])


def main(suites: list[str]) -> int:
    """Exit status 0 only if every suite ran and passed."""
    began = time.monotonic()
    results: list[Result] = []
    for at_once, beside in _BESIDE:
        with ThreadPoolExecutor(at_once) as lanes:
            results += lanes.map(lambda suite: run(suite, suites, aside=True), [one for one in beside if one in suites])
    results += [run(suite, suites) for suite in suites if not any(suite in beside for _, beside in _BESIDE)]
    print(closing(results, time.monotonic() - began))
    return int(any(result.status for result in results))


def asked(arguments: list[str] | None = None) -> list[str]:
    """The suites named on the command line; refuses names that are no folder of tests/."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local.suites", description="Runs test suites, a table at the end."
    )
    parser.add_argument(
        "suites", nargs="+", metavar="suite", help="a folder of tests/, for example unit or unit/intake"
    )
    suites: list[str] = parser.parse_args(arguments).suites
    if unknown := [one for one in suites if not (_CHECKOUT / "tests" / one).is_dir()]:
        parser.error(f"no such folder in tests/: {', '.join(unknown)}")
    return suites


if __name__ == "__main__":
    sys.exit(main(asked()))
