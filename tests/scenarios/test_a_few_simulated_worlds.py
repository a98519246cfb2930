"""A first look at what the simulator finds, short enough for every commit; the long one is `tests/simulation`."""

import pytest

from schemas.catalogue import Catalogue
from tests.simulation.__main__ import told
from tests.simulation.run import run


@pytest.mark.parametrize("seed", [1, 7, 8])
def test_a_simulated_world_with_its_faults_keeps_every_promise(seed: int, catalogue: Catalogue) -> None:
    outcome = run(seed, catalogue)
    assert outcome.broken is None, told(outcome)
