"""Does anybody notice? One mutant in a process of its own: the loader's rules first, then behaviour tests until one fails."""

import multiprocessing
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.catalogue import loading
from schemas.catalogue.parts import CatalogueError, Untrue
from tests.mutation.mutants import Mutant, in_step

BOUNDS = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})
PATIENCE_SECONDS = 300.0
FORK = multiprocessing.get_context("fork")


class Fate(StrEnum):
    """What became of a mutant. `incomplete`: the loader misses a part, so it can never decide anything; it is not counted."""

    RULE = "rule"
    TEST = "test"
    HANGS = "hangs"
    INCOMPLETE = "incomplete"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant's fate, and the rule or test that noticed."""

    mutant: str
    fate: Fate
    noticed_by: str = ""


class Trial:
    """One mutant being tried in a forked process, which inherits what the parent has imported already."""

    def __init__(
        self, mutant: Mutant, raw: Mapping[str, Any], stages: Sequence[Sequence[str]], *, hint: str | None = None
    ) -> None:
        self.mutant = mutant
        self._answer, told = FORK.Pipe(duplex=False)
        self._process = FORK.Process(target=_try, args=(told, mutant, raw, [[hint], *stages] if hint else stages))
        self._process.start()
        told.close()

    @property
    def sentinel(self) -> int:
        """Becomes ready when the process ends."""
        return self._process.sentinel

    def verdict(self) -> Verdict:
        """What became of it, once it has ended. Raises `RuntimeError` when the trial itself failed: nothing was found out."""
        try:
            fate, noticed_by = self._answer.recv()
        except EOFError:
            fate, noticed_by = "failed", "the process ended"
        self._process.join()
        if fate == "failed":
            raise RuntimeError(f"{self.mutant.name}: {noticed_by}")
        return Verdict(self.mutant.name, Fate(fate), noticed_by)

    def give_up(self) -> Verdict:
        """Ends it by force: whoever waits for ever has noticed."""
        self._process.kill()
        self._process.join()
        return Verdict(self.mutant.name, Fate.HANGS)


def _try(told: Connection, mutant: Mutant, raw: Mapping[str, Any], stages: Sequence[Sequence[str]]) -> None:
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path, no text worth keeping
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        told.send(_judged(mutant, mutant.of(raw), stages))
    except Exception:  # noqa: BLE001 - the parent raises it again
        told.send(("failed", traceback.format_exc()))
    told.close()
    os._exit(0)  # nothing of pytest's or Hypothesis' way out is wanted here


def _judged(mutant: Mutant, raw: dict[str, Any], stages: Sequence[Sequence[str]]) -> tuple[Fate, str]:
    try:
        loading.built(raw, lambda name: f"{name}.yaml")
    except CatalogueError as error:
        again = in_step(raw, mutant, str(error))
        return _refused(error) if again in (None, raw) else _judged(mutant, again or {}, stages)
    read = loading.read
    loading.read = lambda folder: raw if folder == loading.HERE else read(folder)
    for stage in stages:
        failed = _first_failure(stage)
        if failed is not None:
            return Fate.TEST, failed
    return Fate.SURVIVED, ""


def _refused(error: CatalogueError) -> tuple[Fate, str]:
    cause = error.__cause__
    assert isinstance(cause, ValidationError), "plain data that were read can only be invalid"
    stated = any(_states_a_fact(one) for one in cause.errors(include_url=False))
    return (Fate.RULE if stated else Fate.INCOMPLETE), str(error)[-160:]


def _states_a_fact(error: ErrorDetails) -> bool:
    """A rule about the domain, or a bound it gives; that something is missing, or of another type, is none."""
    return error["type"] in BOUNDS or isinstance(error.get("ctx", {}).get("error"), Untrue)


class _Watcher:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.failed: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test is over."""
        if report.failed and self.failed is None:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file was read; one that cannot be read with this catalogue has noticed too."""
        if report.failed and self.failed is None:
            self.failed = report.nodeid


def _first_failure(paths: Sequence[str]) -> str | None:
    watcher = _Watcher()
    quick = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    status = pytest.main([*paths, *quick], plugins=[watcher])
    gone = status == 4 and len(paths) == 1  # the test of a hint may be called otherwise today
    if status not in (0, 1, 2, 5) and not gone:
        sys.exit(f"pytest ended with {status}")
    return watcher.failed
