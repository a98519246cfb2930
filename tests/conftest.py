"""Fixtures every suite may ask for."""

from collections.abc import Iterator

import pytest

from deploy.local.kafka import Broker, Missing, provide


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """One real broker of one node for the whole session, started by the first test that asks."""
    try:
        broker = provide()
    except Missing as missing:
        pytest.exit(f"These tests need a real Kafka: {missing}", returncode=1)
    yield broker
    broker.close()
