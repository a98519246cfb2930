"""`python -m tests.desk_sim`: does a P0 wait longer at a desk when P2 and P3 come ten times as often? Two weeks in every arm.

Resumable: pieces are kept under `.local/desk-sim/` for as long as the desk, the catalogue and the simulation stay what they are.
Exit status 0 when a P0 waits at most a tenth longer with the reserve, and longer than that without it.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.desk_sim.figures import Arm, Compared, together
from tests.desk_sim.picture import picture
from tests.desk_sim.piece import DESKS, ROOT, Piece, folder_of_this_code, kept
from tests.desk_sim.plan import Plan
from tests.desk_sim.report import shares, verdicts, waits

DOCUMENT = ROOT / "docs" / "desk-simulation.md"
PICTURE = ROOT / "docs" / "desk-simulation.svg"
BEGIN = "<!-- figures: `make desk-sim WRITE=1` -->"
OF_EVERY_SHARE = ("sameroof", "no_reserve")


def main(arguments: Sequence[str]) -> int:
    """Simulates what has not been simulated yet, and prints the tables."""
    asked = _asked(arguments)
    plans = list(_plans(asked))
    pieces = _played(plans, folder_of_this_code(), asked.jobs)
    arms = {_arm_of(plan): together(_weeks(plan, plans, pieces)) for plan in plans}
    compared = [
        Compared(arms[policy, share, 1], arms[policy, share, asked.times])
        for share in asked.p0
        for policy in OF_EVERY_SHARE
    ]
    text = _text(compared, list(arms.values()), plans)
    print(text)
    if asked.write:
        head = DOCUMENT.read_text("utf-8").partition(BEGIN)[0]
        DOCUMENT.write_text(f"{head}{BEGIN}\n\n{text}", "utf-8")
        PICTURE.write_text(picture([arm for arm in arms.values() if arm.p0_percent == asked.p0[0]]), "utf-8")
    return int(any(one.holds is (one.usual.policy == "no_reserve") for one in compared))


def _plans(asked: argparse.Namespace) -> Iterator[Plan]:
    for share in asked.p0:
        for policy in DESKS if share == asked.p0[0] else OF_EVERY_SHARE:
            for times in (1, asked.times):
                for week in range(1, asked.weeks + 1):
                    yield Plan(policy, share, times, week, asked.days, asked.seed)


def _arm_of(plan: Plan) -> tuple[str, int, int]:
    return plan.policy, plan.p0_percent, plan.times


def _weeks(plan: Plan, plans: list[Plan], pieces: dict[str, Piece]) -> list[Piece]:
    return [pieces[one.name] for one in plans if _arm_of(one) == _arm_of(plan)]


def _played(plans: list[Plan], folder: Path, jobs: int) -> dict[str, Piece]:
    """The pieces by name; the longest begin first. Says what is done."""
    pieces: dict[str, Piece] = {}
    with ProcessPoolExecutor(jobs) as pool:
        longest_first = sorted(plans, key=lambda plan: (-plan.times, plan.p0_percent))
        running = {pool.submit(kept, plan, folder): plan for plan in longest_first}
        for done in as_completed(running):
            piece = pieces[running[done].name] = done.result()
            told = (
                f"{len(pieces)} of {len(plans)}: {running[done].name}, {piece.tracks} tracks in {piece.seconds:.0f} s"
            )
            print(told, file=sys.stderr, flush=True)
    return pieces


def _text(compared: list[Compared], arms: list[Arm], plans: list[Plan]) -> str:
    tracks, seconds = sum(arm.tracks for arm in arms), sum(arm.seconds for arm in arms)
    first = plans[0]
    arm_is = f"{len(plans) // len(arms)} x {first.days:g} days"
    told = f"{tracks:,} tracks in {len(arms)} arms of {arm_is} (seed {first.seed}), {seconds / 60:.0f} minutes of one core."
    parts = [told, "## Does a P0 wait longer?", verdicts(compared)]
    for share in sorted({arm.p0_percent for arm in arms}):
        of_share = [arm for arm in arms if arm.p0_percent == share]
        parts += [f"## Waits and shares at {share} % P0", waits(of_share), shares(of_share)]
    return "\n\n".join(parts) + "\n"


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.desk_sim", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn (%(default)s)")
    parser.add_argument("--weeks", type=int, default=2, help="pieces of an arm (%(default)s)")
    parser.add_argument(
        "--days", type=float, default=7.0, help="of a piece, after a first one not counted (%(default)s)"
    )
    parser.add_argument("--times", type=int, default=10, help="what P2 and P3 are multiplied by (%(default)s)")
    parser.add_argument("--p0", type=int, nargs="+", default=[15, 30], choices=(15, 30, 50), help="percent of P0")
    parser.add_argument("--jobs", type=int, default=2, help="pieces at once (%(default)s)")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/desk-simulation.md and .svg")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
