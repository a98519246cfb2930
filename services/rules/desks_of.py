"""Which desks are there, and which takes a track? Pillar x region, by country, else by language, else the fallback (DOMAIN section 8)."""

from functools import lru_cache

from schemas.catalogue import Catalogue
from schemas.words import Pillar


@lru_cache(maxsize=1_024)
def region_of(country: str | None, language: str | None, catalogue: Catalogue) -> str:
    """The region that answers for a country, else for a language, else the fallback."""
    regions = catalogue.desks.regions.items()
    by_country = [name for name, region in regions if country is not None and country.upper() in region.countries]
    by_language = [name for name, region in regions if language is not None and language.lower() in region.languages]
    return next(iter([*by_country, *by_language]), catalogue.desks.fallback)


def desk_of(pillar: Pillar, country: str | None, language: str | None, catalogue: Catalogue) -> str:
    """The desk id `<pillar>-<region>`."""
    return f"{pillar}-{region_of(country, language, catalogue)}"


def desks_of(catalogue: Catalogue) -> tuple[str, ...]:
    """Every desk, pillar by pillar."""
    return tuple(f"{pillar}-{region}" for pillar in Pillar for region in catalogue.desks.regions)


def pillar_of(desk_id: str) -> Pillar:
    """A desk's pillar."""
    return Pillar(desk_id.partition("-")[0])


def duty_lead_of(desk_id: str) -> str:
    """The post that answers for a desk when a promise on it fails."""
    return f"post:duty-lead-{desk_id}"
