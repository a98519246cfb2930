"""An oracle that never failed proves nothing: every bug planted is noticed by an invariant that knows nothing of it."""

from itertools import islice

import pytest

from schemas.catalogue import Catalogue
from tests.simulation.__main__ import main, told
from tests.simulation.bugs import BUGS, seeds
from tests.simulation.conftest import Played
from tests.simulation.run import run

TRIES = 80


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [name for name, bug in BUGS.items() if not bug.rare])
def test_a_planted_bug_is_noticed_and_the_same_seed_holds_without_it(
    name: str, catalogue: Catalogue, played: Played
) -> None:
    bug = BUGS[name]
    for number, seed in enumerate(islice(seeds(bug.where), TRIES), 1):
        outcome = run(seed, catalogue, planted=bug.plant)
        if outcome.broken is None:
            continue
        print(f"\n{name}: seed {seed} ({number} tried), step {outcome.steps}, {outcome.broken}")
        assert outcome.broken.invariant in bug.breaks, told(outcome, name)
        clean = played(seed)
        assert clean.broken is None, told(clean)
        return
    pytest.fail(f"{bug.wrong}, and {TRIES} seeds did not notice")


@pytest.mark.parametrize("seed", ["1", "7"])
def test_whether_it_was_noticed_or_not_the_planted_bug_is_named(seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    missed = main(["--seed", seed, "--steps", "1", "--bug", "no_fencing"])
    shown = capsys.readouterr().out
    assert "planted: no_fencing, an owner that was replaced may go on committing" in shown
    assert ("Nobody noticed" in shown) is bool(missed)
