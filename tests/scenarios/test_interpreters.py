"""A responder and a victim without a common language: somebody who interprets is called as the track is taken, never a relative."""

from typing import Any

from schemas.notices import NoticeIssued
from schemas.words import Presence
from tests.scenarios.town import Town

HARASSED = "insult_harassment"
DUTY_LEAD = "post:duty-lead-psychological-fr"


def taken(town: Town, **said: Any) -> Town:
    """A P0 in Dutch, taken by somebody who speaks French alone."""
    town.responder("a", "psychological-fr", languages=("fr",))
    about: dict[str, Any] = {"signals": ["self_harm"], "country": "FR", "language": "nl"}
    town.reports(None, HARASSED, **(about | said)).ignoring_what_was_told()
    return town.answers("accept", "a", "psychological").ignoring_what_was_told()


def called(town: Town) -> list[str]:
    """Who was called to interpret, or to find somebody who does."""
    told = [event.data for topic, event in town.ignoring_what_was_told().bus.events if topic == "notices"]
    return [
        one.recipient
        for one in told
        if isinstance(one, NoticeIssued) and one.reason in ("interpret", "find_interpreter")
    ]


def interpreter(town: Town) -> str | None:
    return town.desk("psychological").tracks[town.track("psychological").track_id].interpreted_by


def helper(town: Town, name: str = "helper", **said: Any) -> Town:
    able: dict[str, Any] = {"languages": ("en",), "interprets": ("nl",), "skills": ()}
    return town.responder(name, "psychological-fr", **(able | said))


def test_who_interprets_is_called_as_the_track_is_taken(town: Town) -> None:
    taken(helper(town))
    assert (interpreter(town), called(town)) == ("helper", ["helper"])


def test_with_nobody_there_who_interprets_the_duty_lead_hears_that_one_must_be_found(town: Town) -> None:
    taken(town)
    assert (interpreter(town), called(town)) == (None, [DUTY_LEAD])


def test_a_trained_interpreter_goes_before_a_colleague_who_speaks_the_language(town: Town) -> None:
    helper(town, "speaks", languages=("nl",), interprets=())
    taken(helper(town, "trained"))
    assert interpreter(town) == "trained"


def test_nobody_interprets_for_their_own_household(town: Town) -> None:
    household = town.household("home").reports("home", "malware", country="FR").case().household_id
    helper(town.ignoring_what_was_told(), household_id=household)
    town.responder("a", "psychological-fr", languages=("fr",))
    town.reports("home", HARASSED, signals=["self_harm"], country="FR", language="nl").ignoring_what_was_told()
    town.answers("accept", "a", "psychological")
    assert (interpreter(town), called(town)) == (None, [DUTY_LEAD])


def test_who_is_away_or_not_cleared_interprets_nothing(town: Town) -> None:
    helper(town, "away").presence("away", "psychological-fr", Presence.AWAY)
    taken(helper(town, "uncleared", clearances=()), signals=["self_harm", "minor"])
    assert interpreter(town) is None


def test_who_speaks_the_language_calls_nobody(town: Town) -> None:
    town.responder("b", "psychological-fr", languages=("nl",))
    town.reports(None, HARASSED, signals=["self_harm"], country="FR", language="nl").ignoring_what_was_told()
    town.answers("accept", "b", "psychological")
    assert (interpreter(town), called(town)) == (None, [])


def test_given_back_and_taken_again_the_next_one_has_an_interpreter_too(town: Town) -> None:
    taken(helper(town)).responder("c", "psychological-fr", languages=("fr",))
    town.works("handover", "a", "psychological").ignoring_what_was_told()
    assert interpreter(town) is None
    town.answers("accept", "c", "psychological")
    assert (interpreter(town), called(town)) == ("helper", ["helper", "helper"])


def test_an_interpreter_who_may_not_know_what_the_case_turns_out_to_be_is_relieved_by_one_who_may(town: Town) -> None:
    helper(town, "first", clearances=())
    taken(helper(town, "cleared", interprets=(), languages=("nl",)))
    assert interpreter(town) == "first"
    town.asks("update", facts={"signals": ["same_roof_offender"]}).expects_outcome("done").ignoring_what_was_told()
    assert (interpreter(town), called(town)[-1]) == ("cleared", "cleared")
