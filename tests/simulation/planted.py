"""`python -m tests.simulation.planted`: every bug planted, one after another, each until an invariant named for it notices."""

import argparse
import sys

from schemas.catalogue import Catalogue, load
from tests.simulation.__main__ import told
from tests.simulation.bugs import BUGS, seeds
from tests.simulation.run import Outcome, run


def noticed(name: str, catalogue: Catalogue, most_steps: int) -> tuple[Outcome | None, int, int]:
    """The world that notices a bug, if one does within so many steps; how many seeds and steps it took."""
    tried = steps = 0
    for seed in seeds(BUGS[name].where):
        outcome = run(seed, catalogue, planted=BUGS[name].plant)
        tried, steps = tried + 1, steps + outcome.steps
        if outcome.broken is not None:
            return outcome, tried, steps
        if steps >= most_steps:
            break
    return None, tried, steps


def main(arguments: list[str]) -> int:
    """Exit status 0 when each was noticed by an invariant named for it, and its world holds without it."""
    parser = argparse.ArgumentParser("python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("--steps", type=int, default=400_000, help="the most that each may take (default %(default)s)")
    most, catalogue, missed = parser.parse_args(arguments).steps, load(), 0
    for name, bug in BUGS.items():
        found, tried, steps = noticed(name, catalogue, most)
        by = "nobody" if found is None or found.broken is None else found.broken.invariant
        print(f"{name:26} {by:9} after {tried:3} seeds, {steps:6} steps", flush=True)
        if found is None or by not in bug.breaks:
            missed += 1
            print(bug.wrong if found is None else told(found, name))
        elif (clean := run(found.seed, catalogue)).broken is not None:
            missed += 1
            print("not the planted bug:", told(clean))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
