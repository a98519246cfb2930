"""The first minutes: safety first, every code of the case, in a language the caller understands, and nothing that betrays them."""

import pytest

from schemas.catalogue.referrals import Audience
from schemas.words import Band, Language, Signal
from services.rules.advising import Advice, Situation, advise
from tests.shipped import CATALOGUE
from tests.unit.rules.domain_table import OWN, ROUTING

TABLE = {  # DOMAIN section 3.2: whom each code refers to
    "phishing": "suspicious_msg cyber_help card_block",
    "bank_fraud": "card_block card_fraud_report scam_complaint",
    "online_scam": "scam_complaint victim_support",
    "payment_diversion": "scam_complaint org_incident",
    "online_shopping_dispute": "consumer scam_complaint",
    "identity_theft": "scam_complaint data_authority",
    "personal_data_misuse": "data_authority cyber_help",
    "account_takeover": "cyber_help",
    "phone_number_usurpation": "spam_calls card_block scam_complaint",
    "fake_profile": "illegal_content harassment_line",
    "deepfake": "illegal_content intimate_image",
    "defamation": "illegal_content",
    "fake_news": "illegal_content",
    "unwanted_publication": "illegal_content data_authority",
    "insult_harassment": "harassment_line minors_line illegal_content",
    "threat": "emergency domestic_violence",
    "doxxing": "emergency illegal_content data_authority",
    "malicious_calls": "spam_calls harassment_line",
    "sextortion": "intimate_image minors_line suicide_line cyber_help",
    "intimate_image_abuse": "intimate_image illegal_content minors_line",
    "grooming_of_minor": "emergency minors_line illegal_content",
    "malware": "cyber_help domestic_violence",
    "ransomware": "org_incident cyber_help",
    "system_intrusion": "org_incident",
    "data_breach": "data_authority org_incident",
    "unclassified_suspicion": "cyber_help",
}
FACTS = {  # DOMAIN section 3.2: the extra fields of each code; addresses are asked of everybody
    "phishing": "clicked data_given password_reused",
    "bank_fraud": "method executed_at beneficiary_ref remote_session_open bank_told_at",
    "online_scam": "payments contact_ongoing scam_kind",
    "payment_diversion": "bank_pair invoice_ref mailbox_compromised",
    "online_shopping_dispute": "order_ref paid_by promised_date seller_country fault",
    "identity_theft": "documents_exposed contracts_opened",
    "personal_data_misuse": "data_kinds holder evidence_of_use",
    "account_takeover": "account_kind mailbox_hit used_against_contacts",
    "phone_number_usurpation": "network_lost_at operator accused_by",
    "fake_profile": "used_for",
    "deepfake": "media_kind sexual used_for_payment",
    "defamation": "first_published_at false_fact reach",
    "fake_news": "source_post press_involved",
    "unwanted_publication": "poster_relation depicts_minor",
    "insult_harassment": "frequency authors since school_or_work",
    "threat": "wording place_time weapon author_known",
    "doxxing": "data_exposed home_known visits",
    "malicious_calls": "calls_per_day night numbers tier",
    "sextortion": "content_exists paid contacts_known",
    "intimate_image_abuse": "identity_shown author_known",
    "grooming_of_minor": "meeting_planned images_sent adult_identity",
    "malware": "symptoms remote_tool banking_used",
    "ransomware": "machines backups essential_service",
    "system_intrusion": "entry_point active_now data_leaving",
    "data_breach": "subjects data_kinds known_at",
    "unclassified_suspicion": "what_changed since",
}
UNNOTICED = {  # the steps a covert caller is told: none of them changes a device, an account or a page, or brings in somebody else
    "phishing": [1, 3],
    "bank_fraud": [1, 2, 4, 5],
    "online_scam": [1, 2, 3, 4],
    "payment_diversion": [1, 3],
    "online_shopping_dispute": [1, 2, 3, 4, 5],
    "identity_theft": [3],
    "personal_data_misuse": [1, 3],
    "account_takeover": [],
    "phone_number_usurpation": [1, 2],
    "fake_profile": [1, 4],
    "deepfake": [3, 4],
    "defamation": [1, 2, 3],
    "fake_news": [2],
    "unwanted_publication": [],
    "insult_harassment": [1, 2, 5],
    "threat": [1, 2, 3, 4],
    "doxxing": [4],
    "malicious_calls": [1, 2],
    "sextortion": [1, 2, 5, 6],
    "intimate_image_abuse": [1, 5],
    "grooming_of_minor": [1, 2, 3, 4, 5],
    "malware": [2, 3, 4],
    "ransomware": [1, 2, 3, 4, 5],
    "system_intrusion": [1, 3, 4, 5],
    "data_breach": [1, 2, 3, 4, 5],
    "unclassified_suspicion": [1, 2, 3, 4],
}
SAFETY = {  # DOMAIN section 4: what a signal shows first, whatever the code
    Signal.PHYSICAL_DANGER: "112",
    Signal.SELF_HARM: "3114",
    Signal.CHILD_SEXUAL_CONTENT: "internet-signalement.gouv.fr",
    Signal.MINOR: "3018",
    Signal.SAME_ROOF_OFFENDER: "3919",
}
QUESTIONS = [
    "self_harm_answer", "safe_contact", "reporter_role", "victim_age_band", "ongoing", "deadline_at", "money_lost",
    "offender_relation", "address_known_to_offender", "country", "language", "happened_at", "discovered_at", "platform",
    "content_urls", "already_reported_to", "wellbeing_0_10", "consent",
]  # fmt: skip


def told(*codes: str, signals: tuple[Signal, ...] = (), band: Band = Band.P2, **said: object) -> Advice:
    """Advice for a caller in France who speaks French, unless `said` otherwise."""
    known: dict[str, object] = {"languages": ("fr",), "country": "FR", **said}
    return advise(Situation(codes=codes, signals=signals, band=band, **known), CATALOGUE)  # type: ignore[arg-type]


def keys(advice: Advice) -> list[str]:
    return list(dict.fromkeys(key for one in advice.referrals for key in one.keys))


def contacts(advice: Advice) -> list[str | None]:
    return [one.contact for one in advice.referrals]


@pytest.mark.parametrize("code", TABLE)
def test_a_code_refers_to_whom_the_domain_says(code: str) -> None:
    assert set(keys(told(code, band=Band.P0))) == set(TABLE[code].split())


@pytest.mark.parametrize("code", UNNOTICED)
def test_a_covert_caller_is_told_no_step_that_somebody_near_them_could_notice(code: str) -> None:
    every, covert = told(code).codes[0], told(code, covert=True).codes[0]
    assert covert.say == tuple(every.say[step - 1] for step in UNNOTICED[code])
    assert (covert.keep, covert.never) == (every.keep, every.never)


def test_a_covert_caller_is_asked_whether_it_is_safe_to_talk_and_nothing_is_written() -> None:
    covert, plain = told("malware", covert=True), told("malware")
    assert covert.always == plain.always + CATALOGUE.words(Language.FR).covert
    assert (covert.aloud_only, plain.aloud_only) == (True, False)
    assert covert.explanation.rule == "advice:covert"
    assert covert.explanation.rejected == {"could_be_noticed": 2}


def test_no_tools_are_offered_to_a_covert_caller_or_while_it_is_urgent() -> None:
    assert "self_service" in keys(told("phishing"))
    assert "self_service" not in keys(told("phishing", covert=True)) + keys(told("phishing", band=Band.P0))


def test_an_exposed_address_is_not_taken_down_unasked_for_a_covert_caller() -> None:
    spoken = told("doxxing", signals=(Signal.ADDRESS_EXPOSED,), covert=True).safety[0].say
    assert spoken == told("doxxing", signals=(Signal.ADDRESS_EXPOSED,)).safety[0].say[:1]


@pytest.mark.parametrize("signal", SAFETY)
def test_a_safety_signal_shows_its_line_before_any_other(signal: Signal) -> None:
    assert SAFETY[signal] in contacts(told("online_scam", signals=(signal,)))[:2]


def test_money_leaving_shows_whom_to_call_to_stop_it() -> None:
    advice = told("online_scam", signals=(Signal.MONEY_LEAVING,), country="BE")
    assert contacts(advice)[0] == "078 170 170"


def test_who_thinks_of_dying_is_given_the_line_for_it_and_then_the_emergency_number() -> None:
    assert keys(told("phishing", signals=(Signal.SELF_HARM,)))[:2] == ["suicide_line", "emergency"]


def test_danger_comes_before_everything_and_nothing_goes_to_a_shared_phone() -> None:
    advice = told("phishing", "threat", signals=(Signal.SELF_HARM, Signal.PHYSICAL_DANGER))
    assert keys(advice)[:2] == ["emergency", "suicide_line"]
    assert [one.about for one in advice.safety] == ["physical_danger", "self_harm"]
    assert advice.aloud_only


def test_every_signal_is_spoken_of_in_the_order_of_the_safety_floor() -> None:
    order = "physical_danger self_harm child_sexual_content minor same_roof_offender money_leaving attacker_deadline address_exposed"
    assert [one.about for one in told("threat", signals=tuple(Signal)).safety] == order.split()


def test_a_code_that_calls_for_the_emergency_services_puts_them_first_among_several() -> None:
    assert keys(told("phishing", "threat"))[:2] == ["emergency", "suspicious_msg"]


def test_all_codes_of_a_case_are_spoken_of_the_main_one_first_and_each_once() -> None:
    advice = told("deepfake", "sextortion", "deepfake", "unheard_of")
    assert [one.about for one in advice.codes] == ["deepfake", "sextortion"]


def test_a_place_is_named_once_however_many_codes_refer_to_it() -> None:
    advice = told("sextortion", "insult_harassment", signals=(Signal.MINOR,))
    assert contacts(advice).count("3018") == 1
    assert advice.referrals[0].keys == ("minors_line", "intimate_image", "harassment_line")


@pytest.mark.parametrize(
    ("languages", "country", "spoken", "why"),
    [
        (("nl-BE", "fr"), "FR", Language.NL, "wish"),
        (("ar", "DE"), "FR", Language.DE, "wish"),
        ((None, "en_GB"), "FR", Language.EN, "wish"),
        ((None, None), "FR", Language.FR, "country"),
        ((), "be", Language.NL, "country"),
        ((), "NL", Language.NL, "country"),
        ((), "LU", Language.FR, "country"),
        ((), "DE", Language.DE, "country"),
        ((), "AT", Language.DE, "country"),
        ((), "IE", Language.EN, "country"),
        (("",), "US", Language.EN, "default"),
        (("zz",), None, Language.EN, "default"),
    ],
)
def test_the_callers_language_then_the_households_then_the_countrys_else_english(
    languages: tuple[str | None, ...], country: str | None, spoken: Language, why: str
) -> None:
    advice = told("phishing", languages=languages, country=country)
    assert (advice.language, advice.explanation.inputs["language_by"]) == (spoken, why)
    assert advice.codes[0].keep == CATALOGUE.words(spoken).codes["phishing"].keep


def test_everything_unanswered_is_asked_the_self_harm_question_first() -> None:
    assert [field for field, _ in told("phishing").ask] == QUESTIONS


def test_what_was_answered_is_not_asked_again() -> None:
    advice = told("phishing", answered=frozenset({"country", "self_harm_answer"}))
    assert [field for field, _ in advice.ask] == [
        one for one in QUESTIONS if one not in {"country", "self_harm_answer"}
    ]


def test_a_code_asks_for_the_facts_that_nobody_has_told_yet() -> None:
    before, after = told("sextortion").codes[0].ask, told("sextortion", answered=frozenset({"paid"})).codes[0].ask
    assert set(before) - set(after) == {"paid"}


@pytest.mark.parametrize("code", FACTS)
def test_a_code_asks_for_what_the_domain_says(code: str) -> None:
    assert set(FACTS[code].split()) <= set(told(code).codes[0].ask)


@pytest.mark.parametrize("code", ROUTING)
def test_whatever_may_raise_a_code_is_asked_in_its_first_minutes(code: str) -> None:
    raising = {name for named, (name, _), band in OWN if named == code and band < ROUTING[code].base}
    advice = told(code)
    asked = {*advice.codes[0].ask, *(field for field, _ in advice.ask)}
    assert raising - {"paid_at"} <= asked  # who asks whether money was lost need not ask when


def test_a_p0_is_not_asked_for_a_number_but_for_self_harm_all_the_same() -> None:
    assert [field for field, _ in told("threat", band=Band.P0).ask] == [
        one for one in QUESTIONS if one != "wellbeing_0_10"
    ]


def test_what_nobody_may_say_or_do_comes_with_every_case() -> None:
    advice = told("sextortion")
    assert advice.never == CATALOGUE.words(Language.FR).never
    assert advice.codes[0].never == CATALOGUE.words(Language.FR).codes["sextortion"].never


def test_the_explanation_says_by_what_it_was_decided() -> None:
    explanation = told("sextortion", signals=(Signal.MINOR,)).explanation
    assert (explanation.rule, explanation.catalogue) == ("advice:first_minutes", CATALOGUE.version)
    wanted = {"codes": "sextortion", "signals": "minor", "language": "fr", "language_by": "wish", "country": "FR"}
    assert explanation.inputs == wanted


def test_a_minor_is_sent_where_minors_are_helped_and_an_adult_where_adults_are() -> None:
    minor = contacts(told("sextortion", victim=Audience.MINORS))
    adult = contacts(told("sextortion", victim=Audience.ADULTS))
    unknown = contacts(told("sextortion"))
    assert ("takeitdown.ncmec.org" in minor, "stopncii.org" in minor, "119" in minor) == (True, False, True)
    assert ("takeitdown.ncmec.org" in adult, "stopncii.org" in adult, "119" in adult) == (False, True, False)
    assert {"takeitdown.ncmec.org", "stopncii.org", "119"} <= set(unknown)
