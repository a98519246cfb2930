"""`sameroof catalogue`: is the catalogue valid, who covers what by which services, and is it frozen as a release?"""

from collections.abc import Iterator
from pathlib import Path

from schemas.catalogue import HERE, Catalogue, load
from schemas.catalogue.loading import read
from schemas.catalogue.releases import SHIPPED, freeze, is_frozen
from schemas.words import Pillar

YES, PART, NO = "x", "t", "."
UNNAMED = "  (no services named)"


def show(folder: Path = HERE, shipped: Path = SHIPPED) -> str:
    """The coverage table of a valid catalogue. Raises `CatalogueError` naming file, path and rule."""
    catalogue = load(folder)
    state = "frozen" if is_frozen(read(folder), shipped) else "not frozen yet"
    return "\n".join([f"catalogue {catalogue.version}, {state}", "", *_legend(catalogue), "", *_table(catalogue)])


def require_frozen(folder: Path = HERE, shipped: Path = SHIPPED) -> None:
    """Raises `ValueError` when the catalogue as it stands is no release."""
    if not is_frozen(read(folder), shipped):
        raise ValueError("the catalogue as it stands is no release yet: make freeze")


def freeze_now(folder: Path = HERE, shipped: Path = SHIPPED) -> str:
    """Freeze the catalogue as a release; says where. Raises `CatalogueError` for one that cannot be used."""
    return f"frozen as {freeze(folder, shipped).name}"


def _legend(catalogue: Catalogue) -> Iterator[str]:
    yield f"Incident codes ({YES} this service is granted for it, {PART} on some tiers only, {NO} it is not):"
    codes = [f"{number:2} {code}" for number, code in enumerate(catalogue.incidents.codes, 1)]
    rows = -(-len(codes) // 3)
    for row in range(rows):
        yield "  " + "".join(f"{one:30}" for one in codes[row::rows]).rstrip()


def _table(catalogue: Catalogue) -> Iterator[str]:
    codes = tuple(catalogue.incidents.codes)
    yield f"{'programme, version, service':44}" + "".join(f"{number:>3}" for number in range(1, len(codes) + 1))
    for name, programme in catalogue.programmes.programmes.items():
        for version in programme.versions:
            public = ", public" if programme.public else ""
            yield f"{name} v{version.version} ({version.country}, {version.sale_state}{public})"
            services = list(dict.fromkeys(one.service for one in version.services))
            for service in services:
                marks = [_mark(catalogue, (name, version.version), service, code) for code in codes]
                yield f"  {service:42}" + "".join(f"{mark:>3}" for mark in marks)
            if not services:
                yield UNNAMED


def _mark(catalogue: Catalogue, source: tuple[str, int], service: str, code: str) -> str:
    """Whether a service is granted for a code: on every tier, on some, on none."""
    versions = {one.version: one for one in catalogue.programmes.programmes[source[0]].versions}
    tiers: tuple[str | None, ...] = versions[source[1]].tiers or (None,)
    offered = catalogue.programmes.offered
    granted = [offered(source, tier, (code,), tuple(Pillar)).get(service) is not None for tier in tiers]
    return YES if all(granted) else PART if any(granted) else NO
