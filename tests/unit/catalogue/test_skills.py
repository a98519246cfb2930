"""Which skills a track needs, and what spares those who carry hard cases (DOMAIN section 7)."""

from datetime import timedelta

import pytest

from schemas.words import Band, Language, Pillar, Signal
from tests.shipped import CATALOGUE

SKILLS = CATALOGUE.skills
NEEDED = {
    Pillar.TECHNICAL: {
        "tech_takedown": "fake_profile deepfake defamation fake_news unwanted_publication insult_harassment doxxing sextortion "
        "intimate_image_abuse",
        "tech_forensics": "bank_fraud threat grooming_of_minor malware ransomware",
        "tech_account": "phishing payment_diversion identity_theft personal_data_misuse account_takeover",
        "tech_telecom": "phone_number_usurpation malicious_calls",
        "tech_org_response": "ransomware system_intrusion data_breach",
    },
    Pillar.LEGAL: {
        "legal_press_image": "fake_profile deepfake defamation fake_news unwanted_publication insult_harassment sextortion "
        "intimate_image_abuse",
        "legal_consumer": "bank_fraud online_scam online_shopping_dispute",
        "legal_data": "identity_theft personal_data_misuse account_takeover phone_number_usurpation doxxing ransomware "
        "system_intrusion data_breach",
    },
    Pillar.FINANCIAL: {
        "fin_bank_dispute": "phishing bank_fraud online_scam payment_diversion online_shopping_dispute identity_theft "
        "account_takeover phone_number_usurpation sextortion malware",
    },
    Pillar.PSYCHOLOGICAL: {
        "psy_cyber_harassment": "insult_harassment threat doxxing malicious_calls fake_profile deepfake defamation fake_news "
        "sextortion intimate_image_abuse grooming_of_minor",
        "psy_minors": "grooming_of_minor",
    },
}
CODES = sorted(CATALOGUE.incidents.codes)


@pytest.mark.parametrize("pillar", list(Pillar))
@pytest.mark.parametrize("code", CODES)
def test_a_track_needs_the_skills_of_its_code(pillar: Pillar, code: str) -> None:
    wanted = {skill for skill, codes in NEEDED[pillar].items() if code in codes.split()}
    assert set(SKILLS.needed(pillar, [code], [])) == wanted


@pytest.mark.parametrize(
    ("signal", "pillar", "skill"),
    [
        (Signal.SELF_HARM, Pillar.PSYCHOLOGICAL, "psy_suicide_risk"),
        (Signal.MINOR, Pillar.PSYCHOLOGICAL, "psy_minors"),
        (Signal.CHILD_SEXUAL_CONTENT, Pillar.PSYCHOLOGICAL, "psy_minors"),
        (Signal.SAME_ROOF_OFFENDER, Pillar.PSYCHOLOGICAL, "domestic_violence_aware"),
        (Signal.SAME_ROOF_OFFENDER, Pillar.LEGAL, "domestic_violence_aware"),
        (Signal.MONEY_LEAVING, Pillar.FINANCIAL, "fin_bank_dispute"),
    ],
)
def test_a_safety_signal_needs_its_skill_whatever_the_code(signal: Signal, pillar: Pillar, skill: str) -> None:
    assert SKILLS.needed(pillar, ["unclassified_suspicion"], [signal]) == (skill,)


def test_a_track_of_several_codes_needs_the_skills_of_all() -> None:
    needed = SKILLS.needed(Pillar.LEGAL, ["doxxing", "sextortion"], [])
    assert needed == ("legal_data", "legal_press_image")


def test_nobody_specialised_on_duty_for_a_p0_a_crisis_trained_one_begins_and_hands_over_within_a_day() -> None:
    rule = SKILLS.stand_in
    assert (rule.skill, rule.by) == ("psy_cyber_harassment", "psy_suicide_risk")
    assert (rule.band, rule.hand_over_within) == (Band.P0, timedelta(hours=24))


def test_at_most_three_intimate_or_child_cases_a_shift_and_a_talk_after_each_p0() -> None:
    shift = SKILLS.shift
    assert (shift.at_most, shift.talk_after) == (3, (Band.P0,))
    assert set(shift.codes) == {"sextortion", "intimate_image_abuse", "grooming_of_minor"}
    assert shift.signals == (Signal.CHILD_SEXUAL_CONTENT,)


def test_responders_speak_the_four_languages() -> None:
    assert set(SKILLS.languages) == set(Language)
