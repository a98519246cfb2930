"""`python -m tests.mutation.catalogue`: is there a figure in the catalogue that could be wrong without any behaviour test noticing?

Resumable: verdicts are kept under `.local/mutants/` for as long as code, catalogue and tests stay what they are.
"""

import argparse
import hashlib
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from multiprocessing.connection import wait
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from schemas.catalogue import HERE
from schemas.catalogue.loading import read
from tests.mutation.mutants import CONTROL, Mutant, every_mutant
from tests.mutation.trying import PATIENCE_SECONDS, Fate, Trial, Verdict

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".local" / "mutants"
REASONS = Path(__file__).with_name("survivors.yaml")
AT_MOST_PERCENT = 5.0
FIRST = {  # the tests that know a file best; everything else follows if they notice nothing
    "incidents": ["tests/unit/rules/test_every_code_and_rule.py", "tests/unit/rules/test_triage.py"],
    "programmes": ["tests/unit/catalogue/test_programme_table.py", "tests/unit/rules/test_coverage.py"],
    "advice": ["tests/unit/rules/test_advising.py"],
    "referrals": ["tests/unit/rules/test_referring.py", "tests/unit/rules/test_advising.py"],
    "platforms": ["tests/unit/rules/test_platform_reports.py"],
    "prevention_funding": ["tests/unit/rules/test_prevention_funding.py"],
    "skills": ["tests/unit/catalogue/test_skills.py"],
    "sla": [
        "tests/unit/catalogue/test_milestones.py",
        *(f"tests/unit/rules/test_{name}.py" for name in ("promises", "clocks", "ladder")),
        *(f"tests/scenarios/test_{name}.py" for name in ("clocks", "escalation", "first_hour")),
    ],
    "work": [
        *(f"tests/unit/rules/test_{name}.py" for name in ("rota_quality", "needs")),
        *(f"tests/scenarios/test_{name}.py" for name in ("how_a_search_widens", "who_is_asked", "after_acceptance")),
        *(
            f"tests/scenarios/test_{name}.py"
            for name in ("what_waits_for_the_urgent", "coverage_ahead", "rota", "workshops")
        ),
    ],
    "desks": [
        "tests/unit/rules/test_desks_of.py",
        "tests/unit/rules/test_ladder.py",
        "tests/scenarios/test_escalation.py",
    ],
    "cases": [
        "tests/unit/rules/test_duplicates.py",
        *(
            f"tests/scenarios/test_{name}.py"
            for name in ("told_twice", "two_sides", "cases_joined", "cases_end", "campaign", "more_becomes_known")
        ),
    ],
}
BEHAVIOUR = ("tests/unit/rules", "tests/unit/router", "tests/unit/catalogue", "tests/scenarios")
NOT_BEHAVIOUR = (
    "tests/unit/catalogue/test_loading.py",
)  # compares copies of the files: it would notice any change at all
TOO_SLOW = "not outage and not two_routers and not hundreds_of_reports"  # nor more than others notice
IMPORTED_ONCE = ("services.router.machine", "services.responders.machine", "services.rules.admission")


def main(arguments: Sequence[str]) -> int:
    """Tries what has not been tried yet; exit status 1 when too much survives, or something without a reason."""
    asked = _parser().parse_args(arguments)
    raw = read(HERE)
    mutants = [one for one in every_mutant(raw) if fnmatchcase(one.file, asked.files)]
    kept = KEPT / f"{_fingerprint()}.jsonl"
    verdicts = {} if asked.fresh else _kept(kept)
    left = [one for one in mutants if one.name not in verdicts][: asked.limit]
    hints = _hints()
    for name in IMPORTED_ONCE:
        importlib.import_module(name)
    if left and (noticed := _control(raw, left)):
        print(f"Nothing was changed and all the same {noticed} failed: put that right first.")
        return 2
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("w" if asked.fresh else "a", encoding="utf-8") as file:
        for number, verdict in enumerate(_tried(left, raw, asked.jobs, hints), 1):
            verdicts[verdict.mutant] = verdict
            file.write(json.dumps([verdict.mutant, verdict.fate, verdict.noticed_by]) + "\n")
            file.flush()
            if number % 25 == 0 or number == len(left):
                print(f"{number} of {len(left)} tried, {_survivors(verdicts)} survive", file=sys.stderr, flush=True)
    return _report([verdicts[one.name] for one in mutants if one.name in verdicts], len(mutants))


def _control(raw: Mapping[str, Any], mutants: Sequence[Mutant]) -> str:
    """The test that fails although nothing was changed, if any: it would notice everything and prove nothing."""
    files = sorted({one.file for one in mutants})
    verdicts = _tried([Mutant(file, (), CONTROL) for file in files], raw, 1)
    return next((one.noticed_by for one in verdicts if one.fate is not Fate.SURVIVED), "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.catalogue", description=__doc__)
    parser.add_argument("--files", default="*", help="only files of this name or pattern, such as sla or advice")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at once (default: %(default)s)")
    parser.add_argument("--limit", type=int, help="try at most so many now; the rest another time")
    parser.add_argument("--fresh", action="store_true", help="forget earlier verdicts")
    return parser


def _fingerprint() -> str:
    """What verdicts hold for: code, catalogue and tests as they are."""
    total = hashlib.sha256()
    for folder in ("schemas", "services/rules", "services/router", "services/responders", *BEHAVIOUR, "tests/mutation"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".yaml"} and path != REASONS:
                total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def _hints() -> dict[str, str]:
    """Which test noticed a mutant when code or tests were others: probably it does again."""
    kept = sorted(KEPT.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    verdicts = [one for file in kept for one in _kept(file).values()]
    return {one.mutant: one.noticed_by for one in verdicts if one.fate is Fate.TEST and "::" in one.noticed_by}


def _kept(file: Path) -> dict[str, Verdict]:
    if not file.exists():
        return {}
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return {name: Verdict(name, Fate(fate), noticed_by) for name, fate, noticed_by in lines}


def _tried(
    mutants: Sequence[Mutant], raw: Mapping[str, Any], jobs: int, hints: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Verdict]:
    """Verdicts as they come in, `jobs` trials at a time; `hints` name the test that noticed a mutant some other time."""
    waiting, running = list(reversed(mutants)), dict[int, tuple[Trial, float]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            trial = Trial(mutant, raw, _stages(mutant.file), hint=hints.get(mutant.name))
            running[trial.sentinel] = (trial, time.monotonic() + PATIENCE_SECONDS)
        for ended in wait(list(running), timeout=1.0):
            assert isinstance(ended, int)
            yield running.pop(ended)[0].verdict()
        for sentinel, (trial, until) in list(running.items()):
            if time.monotonic() > until:
                del running[sentinel]
                yield trial.give_up()


def _stages(file: str) -> list[list[str]]:
    everything = [folder for folder in BEHAVIOUR if (ROOT / folder).exists()]
    ignored = [f"--ignore={path}" for path in NOT_BEHAVIOUR]
    last = [*everything, *ignored, "-k", TOO_SLOW]
    return [[*FIRST[file], "-k", TOO_SLOW], last] if file in FIRST else [last]


def _survivors(verdicts: dict[str, Verdict]) -> int:
    return sum(one.fate is Fate.SURVIVED for one in verdicts.values())


def _report(verdicts: Sequence[Verdict], every: int) -> int:
    reasons: dict[str, str] = yaml.safe_load(REASONS.read_text("utf-8")) or {}
    fates = Counter(one.fate for one in verdicts)
    counted = len(verdicts) - fates[Fate.INCOMPLETE]
    percent = 100 * fates[Fate.SURVIVED] / max(1, counted)
    for file in sorted({one.mutant.partition(":")[0] for one in verdicts}):
        mine = Counter(one.fate for one in verdicts if one.mutant.partition(":")[0] == file)
        print(f"{file:14}", "  ".join(f"{fate} {mine[fate]:4}" for fate in Fate))
    unexplained = []
    for one in verdicts:
        if one.fate is Fate.SURVIVED:
            reason = next((why for pattern, why in reasons.items() if fnmatchcase(one.mutant, pattern)), None)
            print(f"  survived: {one.mutant}: {reason or 'no reason given'}")
            unexplained += [] if reason else [one.mutant]
    print(f"{len(verdicts)} of {every} mutants tried; {fates[Fate.SURVIVED]} of {counted} survive ({percent:.1f} %)")
    print(f"noticed by {fates[Fate.RULE]} rules and {fates[Fate.TEST] + fates[Fate.HANGS]} tests;", end=" ")
    print(f"{fates[Fate.INCOMPLETE]} were incomplete and could decide nothing")
    done = len(verdicts) == every
    return 0 if done and percent < AT_MOST_PERCENT and not unexplained else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
