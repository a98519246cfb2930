"""A report that names a platform is answered with that platform's own way to report it, beside the first minutes (DOMAIN section 9)."""

from typing import Any

import pytest

from tests.unit.intake.wired.door import Desk

CANARY = "canary"


async def routes(desk: Desk, platform: str, code: str, **said: Any) -> list[dict[str, Any]]:
    told = await desk.reports(None, code, key="r", country="FR", platform=platform, **said)
    found: list[dict[str, Any]] = told.get("platform", {}).get("routes", [])
    return found


async def test_a_fake_profile_on_facebook_is_answered_with_its_impersonation_report(desk: Desk) -> None:
    told = await desk.reports(None, "fake_profile", key="r", country="FR", language="en", platform="Facebook")
    platform = told["platform"]
    assert (platform["platform"], platform["name"], platform["source"], platform["verified"]) == (
        "facebook",
        "Facebook",
        "S3 K",
        False,
    )
    (route,) = platform["routes"]
    assert (route["kind"], route["codes"]) == ("impersonation", ["fake_profile"])
    assert route["how"] == "Menu of the profile, then “report”."
    assert route["evidence"][0] == "A dated capture, taken before reporting"
    assert told["advice"]["codes"][0]["about"] == "fake_profile"
    assert told["referrals"]


async def test_how_long_a_platform_takes_is_said_to_be_our_guess(desk: Desk) -> None:
    (route,) = await routes(desk, "tiktok", "intimate_image_abuse")
    assert route["expected"] == {"within_seconds": 86_400, "source": "D", "verified": False}


@pytest.mark.parametrize("said", ["twitter", "Twitter", "X", "x.com"])
async def test_twitter_is_known_by_its_old_and_new_names(desk: Desk, said: str) -> None:
    told = await desk.reports(None, "insult_harassment", key="r", platform=said)
    assert (told["platform"]["platform"], told["platform"]["name"]) == ("twitter", "X (Twitter)")


@pytest.mark.parametrize(
    ("language", "name", "how"),
    [
        ("fr", "Harcèlement ou insultes", "Menu de la publication, de la photo ou de la vidéo, puis « signaler »."),
        ("nl", "Pesterijen of beledigingen", "Menu van het bericht, de foto of de video, dan ‘rapporteren’."),
        ("de", "Belästigung oder Beleidigung", "Menü des Beitrags, Fotos oder Videos, dann „melden“."),
        ("en", "Harassment or insults", "Menu of the post, photo or video, then “report”."),
    ],
)
async def test_the_platforms_report_is_described_in_the_callers_language(
    desk: Desk, language: str, name: str, how: str
) -> None:
    (route,) = await routes(desk, "instagram", "insult_harassment", language=language)
    assert (route["name"], route["how"]) == (name, how)


async def test_a_platform_nobody_knows_is_no_error_and_is_not_repeated(desk: Desk) -> None:
    told = await desk.reports(None, "insult_harassment", key="r", platform=CANARY)
    assert "platform" not in told
    assert CANARY not in str(told)
    assert told["referrals"]


async def test_a_covert_caller_is_told_of_no_report_that_the_offender_would_notice(desk: Desk) -> None:
    assert await routes(desk, "facebook", "insult_harassment", covert=True) == []


async def test_a_further_report_of_a_case_is_answered_for_the_platform_it_named_first(desk: Desk) -> None:
    said = {"language": "en", "country": "FR", "facts": {"holder": "club"}}
    first = await desk.reports("h", "personal_data_misuse", key="r1", platform="youtube", **said)
    again = await desk.reports("h", "personal_data_misuse", key="r2", **said)
    assert again["case_id"] == first["case_id"]
    assert again["platform"] == first["platform"]


async def test_what_happened_to_a_child_is_reported_to_the_platform_after_the_police_agree(desk: Desk) -> None:
    (route,) = await routes(desk, "snapchat", "grooming_of_minor", language="en", victim_age_band="under_15")
    assert route["evidence"][0] == "The police's agreement first: a report may warn whoever did it"
    assert not any("capture" in one for one in route["evidence"])
