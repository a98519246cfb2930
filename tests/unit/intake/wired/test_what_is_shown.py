"""Whoever may look at a case or a track is shown all of it, also what is as usual."""

from schemas.words import Role
from tests.unit.intake.wired.door import Desk


async def test_an_ordinary_case_says_that_it_is_neither_covert_nor_a_drill(desk: Desk) -> None:
    told = await desk.reports("h1", "phishing", key="plain")
    shown = await desk.case(told["case_id"])
    assert (shown["covert"], shown["drill"], shown["report_count"]) == (False, False, 1)


async def test_a_track_of_an_ordinary_case_is_shown_to_whoever_may_see_it(desk: Desk) -> None:
    told = await desk.reports("h1", "phishing", key="plain")
    for track in told["tracks"]:
        answer = await desk.get(f"/v1/tracks/{track['track_id']}", role=Role.SUPERVISOR)
        assert (answer.status_code, answer.json()["covert"]) == (200, False)
