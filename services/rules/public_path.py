"""Where can somebody turn for what no contract of theirs gives? There is always an answer, and one that is open at night."""

from collections.abc import Iterator, Sequence

from schemas.catalogue.programmes import Programmes
from schemas.words import Pillar, Signal
from services.rules.asked_of_coverage import Asked


def public_path(asked: Asked, pillars: Sequence[Pillar], programmes: Programmes) -> tuple[str, ...]:
    """Public programmes of the country that name the incident, then referral keys, for the `pillars` no contract answers for.

    For a minor the line for minors comes first. A line that is closed at night is never the only one (DOMAIN section 2.2).
    """
    if not pillars:
        return ()
    path = programmes.public_path
    named = tuple(_public(asked, programmes))
    minors = path.for_minors if Signal.MINOR in asked.signals else ()
    keys = tuple(key for pillar in Pillar if pillar in pillars for key in path.pillars[pillar])
    night = () if any(_always_open(name, asked, programmes) for name in named) else (path.always_open,)
    return tuple(dict.fromkeys((*minors, *named, *keys, *night)))


def _public(asked: Asked, programmes: Programmes) -> Iterator[str]:
    for name in programmes.public_path.programmes.get(asked.country or "", ()):
        version = programmes.programmes[name].version_on(asked.received)
        if version is not None and set(asked.codes) & set(version.incident_codes):
            yield name


def _always_open(name: str, asked: Asked, programmes: Programmes) -> bool:
    version = programmes.programmes[name].version_on(asked.received)
    return version is not None and version.hours == "always"
