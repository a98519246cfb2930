"""Which desk answers: by country, else by language, else the one that takes everybody (DOMAIN section 8)."""

import pytest

from schemas.words import Pillar
from services.rules.desks_of import desk_of
from tests.shipped import CATALOGUE


@pytest.mark.parametrize(
    ("country", "language", "region"),
    [
        ("BE", "fr", "be"),
        ("be", None, "be"),
        ("FR", "nl", "fr"),
        ("fr", "de", "fr"),
        ("ES", "nl", "be"),
        (None, "DE", "be"),
        (None, "fr", "fr"),
        (None, "en", "fr"),
        ("ES", "es", "fr"),
        (None, None, "fr"),
    ],
)
def test_a_track_goes_to_the_desk_of_the_country_else_of_the_language_else_to_the_one_that_takes_all(
    country: str | None, language: str | None, region: str
) -> None:
    assert desk_of(Pillar.LEGAL, country, language, CATALOGUE) == f"legal-{region}"


@pytest.mark.parametrize(("language", "region"), [("fr", "fr"), ("en", "fr"), ("nl", "be"), ("de", "be"), ("es", "be")])
def test_a_language_leads_to_its_own_region_also_where_another_one_takes_everybody(language: str, region: str) -> None:
    desks = CATALOGUE.desks.model_copy(update={"fallback": "be"})
    belgium_takes_all = CATALOGUE.model_copy(update={"desks": desks})
    assert desk_of(Pillar.LEGAL, None, language, belgium_takes_all) == f"legal-{region}"


def test_each_region_knows_who_helps_it_out() -> None:
    assert {name: region.neighbours for name, region in CATALOGUE.desks.regions.items()} == {
        "be": ("fr",),
        "fr": ("be",),
    }


@pytest.mark.parametrize("post", ["sink", "duty-lead"])
def test_a_post_has_two_ways_to_be_reached(post: str) -> None:
    assert CATALOGUE.desks.posts[post].methods == ("webhook", "log")
