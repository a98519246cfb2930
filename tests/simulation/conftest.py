"""What the tests of this suite share: each seed is played once, however many tests ask for it."""

from collections.abc import Callable

import pytest

from schemas.catalogue import Catalogue
from tests.shipped import CATALOGUE
from tests.simulation.run import Outcome, run
from tests.simulation.totals import Totals

Played = Callable[[int], Outcome]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return CATALOGUE


@pytest.fixture(scope="session")
def played(catalogue: Catalogue) -> Played:
    """How a seed goes with the product as it is; counted in the totals."""
    totals, outcomes = Totals(), dict[int, Outcome]()

    def play(seed: int) -> Outcome:
        if seed not in outcomes:
            outcomes[seed] = found = run(seed, catalogue)
            totals.add(seed, found.steps, str(found.broken) if found.broken else None)
        return outcomes[seed]

    return play
