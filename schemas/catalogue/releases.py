"""Frozen releases: every version of the catalogue that was ever shipped, one file each, never edited (DESIGN section 4)."""

import json
from collections.abc import Iterable
from pathlib import Path

from schemas.catalogue.loading import HERE, Raw, built, load, read, version_of
from schemas.catalogue.parts import CatalogueError
from schemas.catalogue.release import Catalogue

SHIPPED = HERE / "releases"


class Releases:
    """The releases a process can decide by: every shipped one, and its own (of `SAMEROOF_CATALOGUE`), shipped or not."""

    def __init__(self, own: Catalogue, shipped: Iterable[Catalogue] = ()) -> None:
        self.own = own
        self._known = {release.version: release for release in (*shipped, own)}

    def find(self, version: str) -> Catalogue | None:
        """A release by its version."""
        return self._known.get(version)

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions at hand, sorted."""
        return tuple(sorted(self._known))


def load_releases(folder: Path = HERE, shipped: Path = SHIPPED) -> Releases:
    """The working catalogue in `folder` and all shipped releases. Raises `CatalogueError`."""
    return Releases(load(folder), (load_release(path.stem, shipped) for path in sorted(shipped.glob("*.json"))))


def load_release(version: str, shipped: Path = SHIPPED) -> Catalogue:
    """A shipped release. Raises `CatalogueError` when it is missing or its content is not what its name says."""
    path = shipped / f"{version}.json"
    try:
        raw = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{path}: no such release") from None
    except ValueError as error:
        raise CatalogueError(f"{path}: not JSON: {error}") from None
    if version_of(raw) != version:
        raise CatalogueError(f"{path}: edited: a frozen release is never changed, freeze a new one (make freeze)")
    return built(raw, lambda name: f"{path}: {name}")


def is_frozen(raw: Raw, shipped: Path = SHIPPED) -> bool:
    """Whether these data are a shipped release."""
    return (shipped / f"{version_of(raw)}.json").exists()


def freeze(folder: Path = HERE, shipped: Path = SHIPPED) -> Path:
    """Write the catalogue in `folder` as a release, unless it is one already; returns its file. Raises `CatalogueError`."""
    raw = read(folder)
    load(folder)
    path = shipped / f"{version_of(raw)}.json"
    if not path.exists():
        shipped.mkdir(exist_ok=True)
        path.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
