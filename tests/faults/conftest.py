"""What these suites share."""

from collections.abc import Iterator

import pytest

from deploy.local.kafka import Broker, provide


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A broker of its own: it is killed, or its topics have other counts."""
    made = provide()
    try:
        yield made
    finally:
        made.close()
