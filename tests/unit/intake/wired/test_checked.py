"""Advice is versioned and dated by source: what an operator has checked says so and when, the rest that nobody has (DOMAIN section 9)."""

import json
import sqlite3
from functools import cache
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from services.intake.calling import Api
from tests.unit.catalogue.folders import with_changes
from tests.unit.intake.wired.door import Desk

CHECKED = {"verified": True, "checked_on": "2026-03-01"}
UNCHECKED = {"verified": False}
CYBERMALVEILLANCE, SERVICE_PUBLIC = "cybermalveillance.gouv.fr", "service-public.fr"


def _check_some_advice(words: Any) -> None:
    words["codes"]["online_scam"].update(CHECKED)
    words["signals"]["money_leaving"].update(CHECKED)


@cache
def _some_of_it_checked() -> Catalogue:
    return with_changes(
        advice_fr=_check_some_advice,
        advice_nl=lambda words: words.update(CHECKED),
        referrals=lambda told: [
            line.update(CHECKED) for line in told["lines"].values() if line.get("contact") == SERVICE_PUBLIC
        ],
        platforms=lambda told: told["platforms"]["linkedin"].update(CHECKED),
    )


@pytest.fixture
def catalogue() -> Catalogue:
    return _some_of_it_checked()


def said_of(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("verified", "checked_on") if name in told}


async def test_advice_says_of_which_release_it_is_and_each_part_who_says_so(desk: Desk, catalogue: Catalogue) -> None:
    told = await desk.reports(None, "phishing", key="r", country="FR", language="fr", platform="linkedin")
    assert told["advice"]["explanation"]["catalogue"] == catalogue.version
    parts = [told["advice"], *told["advice"]["codes"], *told["referrals"], told["platform"]]
    assert [one["source"] for one in parts][:2] == ["D K", "S2 D"]
    assert all(one["source"] for one in parts)


async def test_a_sheet_that_was_checked_says_when_and_the_same_sheet_in_another_language_that_it_was_not(
    desk: Desk,
) -> None:
    said = {"country": "FR", "signals": ["money_leaving"]}
    french = (await desk.reports(None, "online_scam", key="r1", language="fr", **said))["advice"]
    assert [said_of(one) for one in (*french["codes"], *french["safety"])] == [CHECKED, CHECKED]
    english = (await desk.reports(None, "online_scam", key="r2", language="en", **said))["advice"]
    assert [said_of(one) for one in (*english["codes"], *english["safety"])] == [UNCHECKED, UNCHECKED]


@pytest.mark.parametrize(("language", "said"), [("nl", CHECKED), ("fr", UNCHECKED)])
async def test_what_is_said_in_every_case_is_dated_by_language(desk: Desk, language: str, said: dict[str, Any]) -> None:
    told = await desk.reports(None, "phishing", key="r", country="BE", language=language)
    assert said_of(told["advice"]) == said


async def test_a_public_service_says_when_its_line_was_checked_and_one_that_was_not_has_no_day(desk: Desk) -> None:
    told = await desk.reports(None, "online_scam", key="r1", country="FR", secondary_codes=["malware"])
    lines = {one["contact"]: said_of(one) for one in told["referrals"] if "contact" in one}
    assert (lines[SERVICE_PUBLIC], lines[CYBERMALVEILLANCE]) == (CHECKED, UNCHECKED)


async def test_a_platform_that_was_checked_says_so_and_its_delay_stays_a_guess(desk: Desk) -> None:
    told = await desk.reports(None, "phishing", key="r", country="FR", platform="linkedin")
    assert said_of(told["platform"]) == CHECKED
    assert said_of(told["platform"]["routes"][0]["expected"]) == UNCHECKED


async def test_an_answer_kept_from_before_advice_had_a_source_is_repeated_as_it_was(desk: Desk, api: Api) -> None:
    said = {"key": "r", "country": "FR", "language": "fr"}
    kept = await desk.reports(None, "phishing", **said)
    for part in (kept["advice"], *kept["advice"]["codes"]):
        del part["source"], part["verified"]
    with sqlite3.connect(api.settings.state_dir / "notebook.sqlite") as notebook:
        notebook.execute("UPDATE requests SET answer = ?", (json.dumps(kept).encode(),))
    again = await desk.reports(None, "phishing", **said)
    assert again["case_id"] == kept["case_id"]
    assert again["advice"]["codes"][0]["say"] == kept["advice"]["codes"][0]["say"]
    assert "source" not in again["advice"]
