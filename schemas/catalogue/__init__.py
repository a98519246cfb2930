"""The catalogue: incident types, promises, desks and programmes as validated data; its version is the hash of its content."""

from schemas.catalogue.loading import FILES, HERE, load
from schemas.catalogue.parts import CatalogueError
from schemas.catalogue.release import Catalogue
from schemas.catalogue.releases import Releases, load_release, load_releases

__all__ = ["FILES", "HERE", "Catalogue", "CatalogueError", "Releases", "load", "load_release", "load_releases"]
