"""Where can somebody turn for what no contract of theirs gives? There is always an answer, and one that is open at night."""

from collections.abc import Sequence

from schemas.catalogue.programmes import Programmes
from schemas.words import Band, Pillar, Signal
from services.rules.asked_of_coverage import Asked


def public_path(asked: Asked, pillars: Sequence[Pillar], programmes: Programmes) -> tuple[str, ...]:
    """Public programmes of the country that name the incident, then referral keys, for the `pillars` no contract answers for.

    For a minor the line for minors comes first. A line that is closed at night is never the only one (DOMAIN section 2.2): the one
    that is open comes last, and first in a P0.
    """
    if not pillars:
        return ()
    path = programmes.public_path
    lines = programmes.public_lines(asked.country or "", asked.codes, asked.received)
    found = [*path.for_minors] if Signal.MINOR in asked.signals else []
    found += lines
    for pillar in Pillar:
        if pillar in pillars:
            found += path.pillars[pillar]
    if not any(lines.values()):
        found.insert(0 if asked.band is Band.P0 else len(found), path.always_open)
    return tuple(dict.fromkeys(found))
