"""Two processes fight for the technical desks: each track is with one responder at a time, and at one desk, whoever dies when."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.kafka import Broker, provide
from tests.faults.fight import SHORT, Fight

SEED = 3


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A broker of its own: its topics have other counts."""
    made = provide()
    try:
        yield made
    finally:
        made.close()


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_track_is_with_one_responder_at_one_desk_while_two_processes_fight_for_it(
    broker: Broker, tmp_path: Path
) -> None:
    if broker.kind == "given":
        pytest.skip("this needs topics of its own, and the given broker may have them")
    run = Fight(broker, tmp_path, SEED, SHORT)
    found = run.run(seconds=0.0)
    print(f"\n{found.shown()}\n{dict(run.felt)}, {dict(run.did)}")
    assert found.complaints == []
    assert dict(run.felt) == SHORT
    assert found.moved_while_asked > 0
    assert found.accepted > 0
