"""Whoever reports an incident learns at once what to do, for the whole case, in the words of the release it was opened under."""

from typing import Any

from schemas.catalogue import Releases, load_release
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Band, Language, Signal
from services.intake import first_minutes
from services.intake.report_views import report_accepted, report_answer
from services.rules.triage import triage
from tests.shipped import CATALOGUE
from tests.unit.intake.records import AT, golden_case

FIRST = load_release("529aa5092de0b5f0")
HOUSEHOLD = HouseholdBody(country="BE", language="de")


def body(**said: Any) -> ReportBody:
    return ReportBody.model_validate({"code": "sextortion", **said})


def test_the_answer_covers_every_code_of_the_case_and_what_the_report_itself_did_not_say() -> None:
    case = golden_case().model_copy(
        update={"code": "sextortion", "secondary_codes": ("threat",), "signals": (Signal.SELF_HARM,)}
    )
    advice = first_minutes.of_case(case, body(language="nl", country="BE"), None, releases=Releases(CATALOGUE))
    shown = report_answer(case, advice)
    assert shown.advice is not None
    assert [one.about for one in shown.advice.codes] == ["sextortion", "threat"]
    assert [one.about for one in shown.advice.safety] == ["self_harm"]
    assert shown.advice.codes[0].never == CATALOGUE.words(Language.NL).codes["sextortion"].never
    assert [one.contact for one in shown.referrals][:3] == ["112", "101", "1813"]


def test_language_and_country_are_the_callers_else_the_households() -> None:
    case = golden_case().model_copy(update={"country": None, "language": None})
    spoken = [
        first_minutes.of_case(case, said, household, releases=Releases(CATALOGUE))
        for said, household in [
            (body(language="fr", country="FR"), HOUSEHOLD),
            (body(), HOUSEHOLD),
            (body(country="FR"), None),
            (body(), None),
        ]
    ]
    told = [(one.language, one.explanation.inputs["country"]) for one in spoken]
    assert told == [("fr", "FR"), ("de", "BE"), ("fr", "FR"), ("en", "unknown")]


def test_an_open_case_speaks_in_the_words_of_the_release_it_was_opened_under() -> None:
    older = CATALOGUE.model_copy(update={"version": "0123456789abcdef"})
    case = golden_case().model_copy(update={"catalogue": older.version})
    told = first_minutes.of_case(case, body(), None, releases=Releases(CATALOGUE, [older]))
    assert told.explanation.catalogue == older.version
    unknown = first_minutes.of_case(case, body(), None, releases=Releases(CATALOGUE))
    assert unknown.explanation.catalogue == CATALOGUE.version


def test_an_open_case_of_a_release_that_knew_no_platform_is_told_of_none() -> None:
    case = golden_case().model_copy(update={"catalogue": FIRST.version})
    said = body(platform="facebook")
    assert first_minutes.of_case(case, said, None, releases=Releases(CATALOGUE, [FIRST])).platform is None
    assert first_minutes.of_case(case, said, None, releases=Releases(CATALOGUE)).platform is not None


def test_a_covert_case_is_answered_covertly_even_when_this_report_does_not_say_so() -> None:
    case = golden_case().model_copy(update={"code": "malware", "covert": True})
    told = first_minutes.of_case(case, body(code="malware"), None, releases=Releases(CATALOGUE))
    assert told.aloud_only


def test_nobody_waits_for_a_slow_bus_to_learn_what_to_do() -> None:
    said = body(secondary_codes=["malware"], language="en", country="FR", signals=["self_harm"], platform="insta")
    decision = triage(said, received_at=AT, catalogue=CATALOGUE)
    advice = first_minutes.of_report(said, decision, None, catalogue=CATALOGUE)
    shown = report_accepted("report-1", advice)
    assert (decision.band, shown.state) == (Band.P0, "pending")
    assert {one.about for one in shown.advice.codes} == {"sextortion", "malware"}
    assert shown.referrals[0].contact == "3114"
    assert shown.platform is not None
    assert shown.platform.routes[0].kind == "intimate_image"


def test_a_code_that_an_answer_brings_is_told_of_before_its_case_is_there_too() -> None:
    said = body(code="deepfake", facts={"sexual": True}, language="en", country="FR")
    decision = triage(said, received_at=AT, catalogue=CATALOGUE)
    advice = first_minutes.of_report(said, decision, None, catalogue=CATALOGUE)
    assert {one.about for one in advice.codes} == {"deepfake", "intimate_image_abuse"}


def test_what_a_report_says_is_not_asked_again() -> None:
    said = body(country="FR", amount_minor=5, personal={"safe_contact": "by day"}, reporter_role="myself")
    answered = first_minutes.answered_in(said)
    assert {"country", "money_lost", "safe_contact", "reporter_role"} <= answered
    assert not {"language", "victim_age_band", "content_urls", "platform"} & answered


def test_what_the_case_knows_from_earlier_reports_is_not_asked_again() -> None:
    case = golden_case().model_copy(update={"code": "sextortion", "facts": body(platform="chat", facts={"paid": True})})
    advice = first_minutes.of_case(case, body(facts={"contacts_known": False}), None, releases=Releases(CATALOGUE))
    assert "platform" not in {field for field, _ in advice.ask}
    assert "content_exists" in advice.codes[0].ask
    assert not {"paid", "contacts_known"} & set(advice.codes[0].ask)


def test_who_is_known_to_be_a_minor_or_an_adult_is_sent_where_they_are_helped() -> None:
    case = golden_case().model_copy(update={"code": "sextortion", "signals": (), "country": "FR"})

    def contacts(signals: tuple[Signal, ...], **said: Any) -> set[str | None]:
        told = first_minutes.of_case(
            case.model_copy(update={"signals": signals}), body(country="FR", **said), None, releases=Releases(CATALOGUE)
        )
        return {one.contact for one in told.referrals}

    only_adults, only_minors = "stopncii.org", "takeitdown.ncmec.org"
    assert {only_adults, only_minors} & contacts((Signal.MINOR,), victim_age_band="15_17") == {only_minors}
    assert {only_adults, only_minors} & contacts((), victim_age_band="adult") == {only_adults}
    assert {only_adults, only_minors} & contacts((), victim_age_band="unknown") == {only_adults, only_minors}
    assert {only_adults, only_minors} & contacts(()) == {only_adults, only_minors}
