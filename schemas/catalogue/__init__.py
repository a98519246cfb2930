"""The catalogue: incident types, promises, desks and programmes as validated data; its version is the hash of its content."""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from schemas.words import Band, ClockKind, Pillar

HERE = Path(__file__).parent
FILES = ("incidents", "sla", "desks", "programmes")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}


class CatalogueError(ValueError):
    """The catalogue cannot be used; the text names file, path and rule."""


def _duration(raw: object) -> object:
    match = re.fullmatch(r"(\d+) (s|min|h|d)", raw) if isinstance(raw, str) else None
    if match is None:
        raise ValueError("a duration is a whole number and s, min, h or d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0))]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IncidentType(_Data):
    """One incident code: lead and supporting pillars, the band before anything raises it."""

    definition: str
    lead: Pillar
    support: tuple[Pillar, ...]
    base: Band
    sexual: bool = False


class Incidents(_Data):
    """`incidents.yaml`."""

    source: str
    codes: dict[str, IncidentType]


class LeadPromise(_Data):
    """What the lead track of a P0 case answers within, whatever its pillar."""

    acknowledge: Duration
    first_response: Duration


class Promises(_Data):
    """`sla.yaml`: per band and pillar acknowledge, first response, next contact, resolve."""

    source: str
    lead_p0: LeadPromise
    offer_window: dict[Band, Duration]
    matrix: dict[Band, dict[Pillar, tuple[Duration, Duration, Duration, Duration]]]


class Region(_Data):
    """Which countries and languages a region's desks answer for."""

    countries: tuple[str, ...]
    languages: tuple[str, ...]


class Post(_Data):
    """A post staffed by contract and its contact methods in order."""

    methods: Annotated[tuple[str, ...], Field(min_length=1)]


class Desks(_Data):
    """`desks.yaml`."""

    source: str
    fallback: str
    regions: dict[str, Region]
    posts: dict[str, Post]


class Programme(_Data):
    """A programme's id and country."""

    country: str


class Programmes(_Data):
    """`programmes.yaml`."""

    source: str
    programmes: dict[str, Programme]


class Catalogue(_Data):
    """One release of the catalogue. `version` is 16 hex digits of its content's hash."""

    version: str
    incidents: Incidents
    sla: Promises
    desks: Desks
    programmes: Programmes

    def promise(self, band: Band, pillar: Pillar, kind: ClockKind, *, lead: bool) -> timedelta:
        """How long `kind` may take on a track (DOMAIN section 8)."""
        if lead and band is Band.P0 and kind in (ClockKind.ACKNOWLEDGE, ClockKind.FIRST_RESPONSE):
            return self.sla.lead_p0.acknowledge if kind is ClockKind.ACKNOWLEDGE else self.sla.lead_p0.first_response
        return self.sla.matrix[band][pillar][list(ClockKind).index(kind)]


def load(folder: Path = HERE) -> Catalogue:
    """The catalogue in `folder`. Raises `CatalogueError` naming file, path and rule."""
    raw = {name: _read(folder / f"{name}.yaml") for name in FILES}
    version = hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()[:16]
    try:
        catalogue = Catalogue.model_validate({"version": version, **raw})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(str(step) for step in first["loc"][1:])
        raise CatalogueError(f"{folder / str(first['loc'][0])}.yaml: {place}: {first['msg']}") from None
    _complete(catalogue, folder)
    return catalogue


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{path}: the file is missing") from None
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path}: not YAML: {error}") from None


def _complete(catalogue: Catalogue, folder: Path) -> None:
    for band in Band:
        if band not in catalogue.sla.offer_window:
            raise CatalogueError(f"{folder / 'sla.yaml'}: offer_window: {band} is missing")
        missing = [pillar for pillar in Pillar if pillar not in catalogue.sla.matrix.get(band, {})]
        if missing:
            raise CatalogueError(f"{folder / 'sla.yaml'}: matrix/{band}: {', '.join(missing)} missing")
    if catalogue.desks.fallback not in catalogue.desks.regions:
        raise CatalogueError(f"{folder / 'desks.yaml'}: fallback: no such region")
    if "unclassified_suspicion" not in catalogue.incidents.codes:
        raise CatalogueError(f"{folder / 'incidents.yaml'}: codes: unclassified_suspicion is missing")
    if not {"sink", "duty-lead"} <= catalogue.desks.posts.keys():
        raise CatalogueError(f"{folder / 'desks.yaml'}: posts: sink and duty-lead are required")
