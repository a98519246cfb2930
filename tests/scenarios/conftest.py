"""Every scenario plays in a fresh town."""

from collections.abc import Iterator

import pytest

from schemas.catalogue import Catalogue, load
from tests.scenarios.town import Town


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load()


@pytest.fixture
def town(catalogue: Catalogue) -> Iterator[Town]:
    """A town; leaving it asserts silence, balanced books and an unchanged state after a restart."""
    town = Town(catalogue)
    yield town
    town.close()
