"""What is said about presence and coverage ahead makes sense, and fits the other files."""

from typing import Any

import pytest

from schemas.catalogue import CatalogueError
from schemas.catalogue.loading import HERE, built, read

RAW = read(HERE)


def changed(part: str, **said: Any) -> dict[str, Any]:
    work = RAW["work"]
    return {**RAW, "work": {**work, part: {**work[part], **said}}}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"warn": [{"before": "1 h", "band": "P1"}, {"before": "24 h", "band": "P2"}]}, "each page comes later"),
        ({"look": "7 d"}, "farther than the first page"),
        ({"languages": {"fr": ["fr"]}}, "be in one of the files only"),
        ({"languages": {"fr": ["fr"], "be": []}}, None),
    ],
)
def test_coverage_ahead_is_warned_of_later_and_later_in_the_regions_there_are(
    said: dict[str, Any], why: str | None
) -> None:
    raw = changed("ahead", **said)
    if why is None:
        assert built(raw, str).work.ahead.languages["be"] == ()
        return
    with pytest.raises(CatalogueError, match=why):
        built(raw, str)


def test_a_release_from_before_there_were_rotas_is_still_read() -> None:
    old = {
        **RAW,
        "work": {name: part for name, part in RAW["work"].items() if name not in {"presence", "ahead", "humane"}},
    }
    work = built(old, str).work
    assert (work.presence.missed_beats, work.ahead.warn) == (3, ())
