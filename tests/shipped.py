"""The catalogue as it is shipped, read once for all tests: nobody changes what is frozen."""

from schemas.catalogue import load

CATALOGUE = load()
