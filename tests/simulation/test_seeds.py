"""The product under every fault of the simulator: nothing is lost, doubled, early or forgotten."""

import os
import subprocess
import sys
import time

import pytest

from schemas.catalogue import Catalogue
from tests.simulation.__main__ import told
from tests.simulation.bugs import seeds
from tests.simulation.conftest import Played
from tests.simulation.run import run
from tests.simulation.swarm import draw

STEPS = 100_000


@pytest.mark.timeout(600)
def test_a_hundred_thousand_steps_break_no_invariant(played: Played) -> None:
    steps, reports, began = 0, 0, time.monotonic()
    for number, seed in enumerate(seeds(), 1):
        outcome = played(seed)
        assert outcome.broken is None, told(outcome)
        steps, reports = steps + outcome.steps, reports + outcome.reports
        if steps >= STEPS:
            seconds = time.monotonic() - began
            print(
                f"\n{number} seeds, {steps} steps, {reports} reports in {seconds:.1f} s: {steps / seconds:.0f} steps/s"
            )
            return


def test_a_seed_has_the_same_bytes_in_every_process() -> None:
    code = (
        "from schemas.catalogue import load; from tests.simulation.run import run; print(run(11, load()).fingerprint)"
    )
    environments = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]
    logs = [
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True).stdout
        for environment in environments
    ]
    assert len(logs[0]) > 30
    assert logs[0] == logs[1]


def test_another_seed_is_another_world(catalogue: Catalogue) -> None:
    assert draw(1) != draw(2)
    assert run(1, catalogue).fingerprint != run(2, catalogue).fingerprint
