"""`python -m tests.simulation`: plays seeds until so many steps were made; the first broken invariant ends it, with its replay."""

import argparse
import sys
import time
import traceback

from schemas.catalogue import load
from tests.simulation.bugs import BUGS
from tests.simulation.run import Outcome, Progress, nothing_planted, run
from tests.simulation.totals import Totals

SHOWN = 80


def main(arguments: list[str]) -> int:
    """Exit status 0 when everything held (with `--bug`: when it was noticed)."""
    asked = _asked(arguments)
    totals, catalogue = Totals(), load()
    seed = asked.seed if asked.seed is not None else totals.next_seed()
    planted = BUGS[asked.bug].plant if asked.bug else nothing_planted
    steps, began = 0, time.monotonic()
    while steps < asked.steps:
        outcome = run(seed, catalogue, planted=planted, progress=_progress(seed, steps, began))
        steps += outcome.steps
        _say("")
        if not asked.bug:
            totals.add(seed, outcome.steps, str(outcome.broken) if outcome.broken else None)
        if outcome.broken is not None:
            print(told(outcome, asked.bug))
            return 0 if asked.bug else 1
        seed += 1
    seconds = time.monotonic() - began
    print(f"{steps} steps up to seed {seed - 1} in {seconds:.1f} s ({steps / seconds:.0f}/s): every invariant held.")
    if asked.bug:
        print(*_planted(asked.bug), "Nobody noticed: more seeds (--steps), or another first one.", sep="\n")
        return 1
    print(f"{totals.steps()} steps with the code as it is ({totals.code}).")
    return 0


def told(outcome: Outcome, bug: str | None = None) -> str:
    """What was broken, what the world was like, the last events, and the command that has it again."""
    replay = outcome.replay + (f" --bug {bug}" if bug else "")
    lines = [
        f"seed {outcome.seed}, step {outcome.steps}, {outcome.until:%Y-%m-%d %H:%M:%S} simulated",
        outcome.plan.shown(),
        *_planted(bug),
        "",
    ]
    raised = outcome.broken.__cause__ if outcome.broken is not None else None
    where = traceback.format_exception(raised) if raised is not None else []
    return "\n".join([*lines, *outcome.trace[-SHOWN:], "", *where, f"{outcome.broken}", f"Again: {replay}"])


def _planted(bug: str | None) -> list[str]:
    return [f"planted: {bug}, {BUGS[bug].wrong}"] if bug else []


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="the first seed (default: the first one not played with this code)")
    parser.add_argument(
        "--steps", type=int, default=100_000, help="go on with the next seed until so many were made (%(default)s)"
    )
    parser.add_argument(
        "--bug", choices=sorted(BUGS), help="plant this bug; the first seed that notices it ends the run"
    )
    return parser.parse_args(arguments)


def _progress(seed: int, before: int, began: float) -> Progress:
    def show(steps: int) -> None:
        seconds = max(0.001, time.monotonic() - began)
        _say(f"seed {seed}  {before + steps} steps  {(before + steps) / seconds:.0f}/s")

    return show


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
