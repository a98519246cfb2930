"""Whom we refer to is right for the country, the language and the hour; a number of another country helps nobody."""

import pytest

from schemas.words import Language
from services.rules.referring import Where, lines_of
from tests.shipped import CATALOGUE

TABLE = [  # DOMAIN section 3.3, for somebody who speaks French in France, Dutch, French or German in Belgium, English elsewhere
    ("emergency", "FR", "fr", "17 112"),
    ("emergency", "BE", "nl", "112 101"),
    ("emergency", "ES", "en", "112"),
    ("suicide_line", "FR", "fr", "3114"),
    ("suicide_line", "BE", "fr", "0800-32-123"),
    ("suicide_line", "BE", "nl", "1813"),
    ("suicide_line", "BE", "de", "108"),
    ("suicide_line", "BE", "en", "0800-32-123 1813 108"),
    ("suicide_line", "ES", "en", "-"),
    ("minors_line", "FR", "fr", "3018 119"),
    ("minors_line", "BE", "fr", "116-000 103"),
    ("minors_line", "BE", "nl", "116-000 102"),
    ("minors_line", "BE", "de", "116-000"),
    ("minors_line", "BE", "en", "116-000"),
    ("minors_line", "ES", "en", "childhelplineinternational.org"),
    ("harassment_line", "FR", "fr", "3018"),
    ("harassment_line", "BE", "fr", "107"),
    ("harassment_line", "BE", "nl", "106"),
    ("harassment_line", "ES", "en", "-"),
    ("illegal_content", "FR", "fr", "internet-signalement.gouv.fr"),
    ("illegal_content", "BE", "fr", "- childfocus.be"),
    ("illegal_content", "ES", "en", "inhope.org"),
    ("scam_complaint", "FR", "fr", "17cyber.gouv.fr service-public.fr"),
    ("scam_complaint", "BE", "fr", "- consumerconnect.be"),
    ("scam_complaint", "ES", "en", "-"),
    ("card_fraud_report", "FR", "fr", "service-public.fr"),
    ("card_fraud_report", "BE", "fr", "-"),
    ("card_fraud_report", "ES", "en", "-"),
    ("card_block", "FR", "fr", "- 0-892-705-705"),
    ("card_block", "BE", "fr", "078-170-170"),
    ("card_block", "ES", "en", "-"),
    ("suspicious_msg", "FR", "fr", "33700 signal-spam.fr"),
    ("suspicious_msg", "BE", "fr", "suspect@safeonweb.be"),
    ("suspicious_msg", "BE", "nl", "verdacht@safeonweb.be"),
    ("suspicious_msg", "BE", "en", "suspicious@safeonweb.be"),
    ("suspicious_msg", "ES", "en", "-"),
    ("intimate_image", "FR", "fr", "3018 internet-signalement.gouv.fr stopncii.org takeitdown.ncmec.org"),
    ("intimate_image", "BE", "fr", "igvm-iefh.belgium.be 116-000 stopncii.org"),
    ("intimate_image", "ES", "en", "stopncii.org takeitdown.ncmec.org"),
    ("cyber_help", "FR", "fr", "cybermalveillance.gouv.fr 17cyber.gouv.fr"),
    ("cyber_help", "BE", "fr", "safeonweb.be ccb.belgium.be"),
    ("cyber_help", "ES", "en", "-"),
    ("spam_calls", "FR", "fr", "33700 -"),
    ("spam_calls", "BE", "fr", "- ombudsmantelecom.be"),
    ("spam_calls", "ES", "en", "-"),
    ("data_authority", "FR", "fr", "cnil.fr"),
    ("data_authority", "BE", "fr", "dataprotectionauthority.be"),
    ("data_authority", "ES", "en", "-"),
    ("consumer", "FR", "fr", "signal.conso.gouv.fr"),
    ("consumer", "BE", "fr", "consumerconnect.be consumerombudsman.be"),
    ("consumer", "ES", "en", "eccnet.eu"),
    ("domestic_violence", "FR", "fr", "3919 116-006"),
    ("domestic_violence", "BE", "fr", "0800-30-030"),
    ("domestic_violence", "ES", "en", "-"),
    ("victim_support", "FR", "fr", "116-006"),
    ("victim_support", "BE", "fr", "0800-30-030"),
    ("victim_support", "BE", "nl", "1712 0800-30-030"),
    ("victim_support", "ES", "en", "-"),
    ("org_incident", "FR", "fr", "17cyber.gouv.fr cyber.gouv.fr"),
    ("org_incident", "BE", "fr", "ccb.belgium.be"),
    ("org_incident", "ES", "en", "-"),
    ("self_service", "FR", "fr", "haveibeenpwned.com signal.org google.com/alerts"),
]


def told(key: str, country: str | None, language: str) -> str:
    """The contacts of a key, `-` for a person without one."""
    found = lines_of(key, Where(country, Language(language), None), CATALOGUE)
    return " ".join((one.contact or "-").replace(" ", "-") for one in found)


@pytest.mark.parametrize(("key", "country", "language", "contacts"), TABLE)
def test_a_key_has_the_lines_of_the_country_in_the_callers_language(
    key: str, country: str, language: str, contacts: str
) -> None:
    assert told(key, country, language) == contacts


def test_every_key_is_in_the_table() -> None:
    assert {key for key, *_ in TABLE} == CATALOGUE.referrals.keys.keys()


def test_at_night_a_line_in_another_language_is_named_after_one_that_closes() -> None:
    assert told("domestic_violence", "BE", "nl") == "1712 0800-30-030"


def test_in_an_unknown_country_the_lines_of_all_are_named_those_of_the_callers_language_first() -> None:
    assert told("suicide_line", None, "fr") == "3114 0800-32-123"
    assert told("suicide_line", None, "nl") == "1813 3114"
    assert told("emergency", None, "fr") == "17 112 101"


def test_a_line_says_for_which_countries_it_is() -> None:
    found = lines_of("emergency", Where(None, Language.FR, None), CATALOGUE)
    assert {one.contact: one.countries for one in found} == {"17": ("FR",), "112": ("FR", "BE"), "101": ("BE",)}
    (elsewhere,) = lines_of("emergency", Where("ES", Language.FR, None), CATALOGUE)
    assert elsewhere.countries == ()


def test_a_line_is_called_by_its_name_in_the_callers_language() -> None:
    names = {
        language: lines_of("card_fraud_report", Where("BE", language, None), CATALOGUE)[0].name for language in Language
    }
    assert len(set(names.values())) == len(Language)


@pytest.mark.parametrize(
    ("key", "country", "contact", "spoken"),
    [
        ("suicide_line", "FR", "3114", "fr"),
        ("minors_line", "FR", "3018", "fr"),
        ("minors_line", "FR", "119", "fr"),
        ("minors_line", "BE", "116 000", "fr nl de en"),
        ("domestic_violence", "FR", "3919", "fr"),
        ("victim_support", "FR", "116 006", "fr"),
        ("card_block", "BE", "078 170 170", "fr nl de en"),
        ("card_block", "FR", "0 892 705 705", ""),
    ],
)
def test_a_line_says_which_languages_are_spoken_there_if_not_the_countrys(
    key: str, country: str, contact: str, spoken: str
) -> None:
    found = lines_of(key, Where(country, Language.FR, None), CATALOGUE)
    assert [one.languages for one in found if one.contact == contact] == [tuple(spoken.split())]


def test_what_no_operator_has_checked_is_shown_as_unproven_with_its_source() -> None:
    (line,) = lines_of("harassment_line", Where("FR", Language.FR, None), CATALOGUE)
    assert (line.source, line.verified, line.always_open) == ("S4", False, False)
