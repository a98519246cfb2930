"""What was simulated adds up, each seed once, for each state of the code by itself."""

from pathlib import Path

from tests.simulation.totals import Totals


def test_a_seed_counts_once_however_often_it_is_played(tmp_path: Path) -> None:
    totals = Totals(tmp_path / "simulation.json", "code")
    for _ in range(2):
        totals.add(1, 1_000, None)
    totals.add(2, 500, None)
    assert totals.steps() == 1_500


def test_a_run_without_a_seed_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    totals = Totals(tmp_path / "simulation.json", "code")
    assert totals.next_seed() == 1
    for seed in (1, 3, 2, 900):
        totals.add(seed, 10, None)
    assert totals.next_seed() == 4


def test_changed_code_begins_at_nothing_and_forgets_nothing(tmp_path: Path) -> None:
    before, after = (Totals(tmp_path / "simulation.json", code) for code in ("before", "after"))
    before.add(1, 1_000, None)
    assert (after.steps(), before.steps()) == (0, 1_000)
