"""Brokers of a test's own: whoever reads whole topics, or kills their broker, shares it with nobody else."""

from collections.abc import Iterator

import pytest

from deploy.local.kafka import Broker, provide


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """One for each file: its tests read whole topics."""
    made = provide()
    yield made
    made.close()
