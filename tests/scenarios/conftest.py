"""Every scenario plays in a fresh town."""

from collections.abc import Iterator

import pytest

from schemas.catalogue import Catalogue
from tests.scenarios.town import Town
from tests.shipped import CATALOGUE


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return CATALOGUE


@pytest.fixture
def town(catalogue: Catalogue) -> Iterator[Town]:
    """A town; leaving it asserts silence, balanced books and an unchanged state after a restart."""
    town = Town(catalogue)
    yield town
    town.close()
