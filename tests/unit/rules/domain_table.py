"""DOMAIN section 3 as a table, written from the text and not from the catalogue: the oracle of the raising rules."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from schemas.words import Band, Pillar

T, L, F, P = Pillar.TECHNICAL, Pillar.LEGAL, Pillar.FINANCIAL, Pillar.PSYCHOLOGICAL
P0, P1, P2, P3 = Band
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(**time: float) -> str:
    """So long before the report."""
    return (NOW - timedelta(**time)).isoformat()


def still(**time: float) -> str:
    """So long after the report."""
    return (NOW + timedelta(**time)).isoformat()


class Routed(NamedTuple):
    """A row of section 3.1: who leads, who supports, the band before anything raises it."""

    lead: Pillar
    support: set[Pillar]
    base: Band


ROUTING = {
    "phishing": Routed(T, {F}, P3),
    "bank_fraud": Routed(F, {T, L, P}, P1),
    "online_scam": Routed(F, {L, P}, P2),
    "payment_diversion": Routed(F, {T, L}, P1),
    "online_shopping_dispute": Routed(F, {L}, P3),
    "identity_theft": Routed(L, {T, F, P}, P2),
    "personal_data_misuse": Routed(L, {T}, P3),
    "account_takeover": Routed(T, {L, F}, P2),
    "phone_number_usurpation": Routed(T, {L, F, P}, P2),
    "fake_profile": Routed(T, {L, P}, P2),
    "deepfake": Routed(T, {L, P}, P2),
    "defamation": Routed(L, {T, P}, P2),
    "fake_news": Routed(T, {L, P}, P2),
    "unwanted_publication": Routed(T, {L}, P3),
    "insult_harassment": Routed(P, {T, L}, P2),
    "threat": Routed(L, {P, T}, P1),
    "doxxing": Routed(T, {L, P}, P1),
    "malicious_calls": Routed(T, {L, P, F}, P2),
    "sextortion": Routed(P, {T, L, F}, P1),
    "intimate_image_abuse": Routed(T, {P, L}, P1),
    "grooming_of_minor": Routed(P, {L, T}, P0),
    "malware": Routed(T, {F, P}, P2),
    "ransomware": Routed(T, {L, F}, P1),
    "system_intrusion": Routed(T, {L, F}, P1),
    "data_breach": Routed(L, {T, P}, P1),
    "unclassified_suspicion": Routed(T, set(), P3),
}
KINDS = {
    "fraud": {"bank_fraud", "online_scam", "payment_diversion"},
    "blackmail": {"sextortion", "ransomware"},
    "sexual": {"sextortion", "intimate_image_abuse", "grooming_of_minor"},
    "intimate": {"sextortion", "intimate_image_abuse"},
    "harassment": {"insult_harassment", "threat", "doxxing", "malicious_calls"},
    "threat": {"threat"},
    "organisation": {"payment_diversion", "ransomware", "system_intrusion", "data_breach"},
}
KNOWN_AUTHORS = (
    "lives_with_me", "household_member", "spouse", "partner", "parent", "child", "sibling", "flatmate", "subscriber", "neighbour",
    "relative", "carer", "ex", "ex_partner", "friend", "classmate", "colleague", "teacher", "employer", "acquaintance",
    "known_elsewhere",
)  # fmt: skip
SAME_ROOF = KNOWN_AUTHORS[:9]
NEAR = KNOWN_AUTHORS[9:12]

Fact = tuple[str, Any]
# The last column of section 3.1: code, answer, band it leads to. Below each that raises, its nearest neighbour that does not.
OWN: list[tuple[str, Fact, Band]] = [
    ("phishing", ("data_given", "password"), P2),
    ("phishing", ("data_given", "bank_codes"), P1),
    ("phishing", ("data_given", "card_data"), P1),
    ("phishing", ("data_given", "nothing"), P3),
    ("phishing", ("data_given", "contact_details"), P3),
    ("phishing", ("data_given", "identity_paper"), P3),
    ("phishing", ("data_given", "other"), P3),
    ("phishing", ("clicked", True), P3),
    ("phishing", ("password_reused", True), P3),
    ("bank_fraud", ("remote_session_open", True), P0),
    ("bank_fraud", ("remote_session_open", False), P1),
    ("online_scam", ("payments", 2), P1),
    ("online_scam", ("payments", 1), P2),
    ("online_scam", ("savings_gone", True), P1),
    ("online_scam", ("savings_gone", False), P2),
    ("online_scam", ("contact_ongoing", True), P1),
    ("online_scam", ("contact_ongoing", False), P2),
    ("payment_diversion", ("amount_minor", 1_000_001), P0),
    ("payment_diversion", ("amount_minor", 1_000_000), P1),
    ("payment_diversion", ("mailbox_compromised", True), P1),
    ("online_shopping_dispute", ("amount_minor", 50_001), P2),
    ("online_shopping_dispute", ("amount_minor", 50_000), P3),
    ("online_shopping_dispute", ("seller_vanished", True), P2),
    ("online_shopping_dispute", ("seller_vanished", False), P3),
    ("online_shopping_dispute", ("fault", "fake_shop"), P2),
    ("online_shopping_dispute", ("fault", "missing"), P3),
    ("identity_theft", ("contracts_opened", "credit"), P1),
    ("identity_theft", ("contracts_opened", "rental"), P2),
    ("identity_theft", ("summons_received", True), P1),
    ("identity_theft", ("summons_received", False), P2),
    ("personal_data_misuse", ("data_kinds", "identity_paper"), P2),
    ("personal_data_misuse", ("data_kinds", "health"), P2),
    ("personal_data_misuse", ("data_kinds", "contact_details"), P3),
    ("personal_data_misuse", ("data_kinds", "bank"), P3),
    ("personal_data_misuse", ("evidence_of_use", True), P1),
    ("personal_data_misuse", ("evidence_of_use", False), P3),
    ("account_takeover", ("account_kind", "mailbox"), P1),
    ("account_takeover", ("account_kind", "payment"), P1),
    ("account_takeover", ("account_kind", "work"), P1),
    ("account_takeover", ("account_kind", "social"), P2),
    ("account_takeover", ("mailbox_hit", True), P1),
    ("account_takeover", ("mailbox_hit", False), P2),
    ("account_takeover", ("used_against_contacts", True), P1),
    ("account_takeover", ("used_against_contacts", False), P2),
    ("phone_number_usurpation", ("network_lost", True), P0),
    ("phone_number_usurpation", ("network_lost", False), P2),
    ("phone_number_usurpation", ("network_lost_at", ago(minutes=3)), P0),
    ("phone_number_usurpation", ("accused_by", "stranger"), P1),
    ("phone_number_usurpation", ("accused_by", "police"), P1),
    ("fake_profile", ("used_for", "sexual"), P1),
    ("fake_profile", ("used_for", "fraud"), P1),
    ("fake_profile", ("used_for", "mockery"), P2),
    ("deepfake", ("sexual", True), P1),
    ("deepfake", ("sexual", False), P2),
    ("deepfake", ("used_for_payment", True), P1),
    ("deepfake", ("used_for_payment", False), P2),
    ("defamation", ("reach", "viral"), P1),
    ("defamation", ("reach", "public"), P2),
    ("defamation", ("at_stake", "job"), P1),
    ("defamation", ("at_stake", "election"), P1),
    ("defamation", ("at_stake", "business"), P2),
    ("fake_news", ("press_involved", True), P1),
    ("fake_news", ("press_involved", False), P2),
    ("fake_news", ("crowd_mobilised", True), P1),
    ("fake_news", ("crowd_mobilised", False), P2),
    ("unwanted_publication", ("audience", "school"), P2),
    ("unwanted_publication", ("audience", "workplace"), P2),
    ("unwanted_publication", ("audience", "few"), P3),
    ("unwanted_publication", ("humiliating", True), P2),
    ("unwanted_publication", ("humiliating", False), P3),
    ("insult_harassment", ("authors", 2), P1),
    ("insult_harassment", ("authors", 1), P2),
    ("insult_harassment", ("since", ago(days=14, seconds=1)), P1),
    ("insult_harassment", ("since", ago(days=14)), P2),
    ("insult_harassment", ("school_or_work", "dropped"), P1),
    ("insult_harassment", ("school_or_work", "affected"), P2),
    ("threat", ("place_time", True), P0),
    ("threat", ("place_time", False), P1),
    ("threat", ("weapon", True), P0),
    ("threat", ("weapon", False), P1),
    ("threat", ("author_known", True), P0),
    ("threat", ("author_known", False), P1),
    *[("threat", ("offender_relation", author), P0) for author in KNOWN_AUTHORS],
    ("threat", ("offender_relation", "stranger"), P1),
    ("threat", ("offender_relation", "unknown"), P1),
    ("doxxing", ("visits", 1), P0),
    ("doxxing", ("visits", 0), P1),
    ("malicious_calls", ("nights_without_sleep", 7), P1),
    ("malicious_calls", ("nights_without_sleep", 6), P2),
    ("malicious_calls", ("line_unusable", True), P1),
    ("malicious_calls", ("line_unusable", False), P2),
    ("sextortion", ("paid", True), P0),
    ("sextortion", ("paid", False), P1),
    ("sextortion", ("money_lost", True), P0),
    ("sextortion", ("money_lost", False), P1),
    ("sextortion", ("paid_at", ago(days=300)), P0),
    ("sextortion", ("contacts_approached", True), P0),
    ("sextortion", ("contacts_approached", False), P1),
    ("sextortion", ("contacts_known", True), P1),
    ("intimate_image_abuse", ("identity_shown", True), P0),
    ("intimate_image_abuse", ("identity_shown", False), P1),
    ("grooming_of_minor", ("meeting_planned", True), P0),
    ("grooming_of_minor", ("images_sent", True), P0),
    ("malware", ("banking_used", True), P1),
    ("malware", ("banking_used", False), P2),
    *[("malware", ("offender_relation", spy), P1) for spy in ("spouse", "partner", "ex", "ex_partner")],
    ("malware", ("offender_relation", "friend"), P2),
    ("ransomware", ("spreading", True), P0),
    ("ransomware", ("spreading", False), P1),
    ("ransomware", ("backups", "hit"), P0),
    ("ransomware", ("backups", "safe"), P1),
    ("ransomware", ("subject", "company"), P0),
    ("ransomware", ("subject", "association"), P0),
    ("ransomware", ("subject", "local_authority"), P0),
    ("ransomware", ("subject", "person"), P1),
    ("system_intrusion", ("active_now", True), P0),
    ("system_intrusion", ("active_now", False), P1),
    ("system_intrusion", ("data_leaving", True), P0),
    ("system_intrusion", ("data_leaving", False), P1),
    ("data_breach", ("data_kinds", "health"), P0),
    ("data_breach", ("data_kinds", "identity_paper"), P0),
    ("data_breach", ("data_kinds", "bank"), P0),
    ("data_breach", ("data_kinds", "contact_details"), P1),
    ("data_breach", ("subjects", 101), P0),
    ("data_breach", ("subjects", 100), P1),
    ("unclassified_suspicion", ("since", ago(days=60)), P3),
]
# "Ask (extra fields)" of section 3.2; `amount`, `profile_urls` and `sites` are fields that every report has.
ASKED = {
    "phishing": "clicked data_given password_reused",
    "bank_fraud": "method amount_minor executed_at beneficiary_ref remote_session_open bank_told_at",
    "online_scam": "payments contact_ongoing scam_kind",
    "payment_diversion": "bank_pair invoice_ref mailbox_compromised",
    "online_shopping_dispute": "order_ref amount_minor paid_by promised_date seller_country fault",
    "identity_theft": "documents_exposed contracts_opened",
    "personal_data_misuse": "data_kinds holder evidence_of_use",
    "account_takeover": "account_kind mailbox_hit used_against_contacts",
    "phone_number_usurpation": "network_lost_at operator accused_by",
    "fake_profile": "content_urls used_for",
    "deepfake": "media_kind sexual used_for_payment",
    "defamation": "first_published_at false_fact reach",
    "fake_news": "source_post press_involved",
    "unwanted_publication": "poster_relation depicts_minor",
    "insult_harassment": "frequency authors since school_or_work",
    "threat": "wording place_time weapon author_known",
    "doxxing": "data_exposed home_known visits",
    "malicious_calls": "calls_per_day night numbers tier",
    "sextortion": "content_exists paid contacts_known",
    "intimate_image_abuse": "content_urls identity_shown author_known",
    "grooming_of_minor": "meeting_planned images_sent adult_identity",
    "malware": "symptoms remote_tool banking_used",
    "ransomware": "machines backups essential_service",
    "system_intrusion": "entry_point active_now data_leaving",
    "data_breach": "subjects data_kinds known_at",
    "unclassified_suspicion": "what_changed since",
}
ALWAYS = """reporter_role victim_age_band country language safe_contact happened_at discovered_at ongoing platform offender_relation
deadline_at money_lost content_urls address_known_to_offender self_harm_answer wellbeing_0_10 already_reported_to consent"""
PERSONAL = """beneficiary_ref bank_pair invoice_ref order_ref holder false_fact source_post wording numbers adult_identity what_changed
safe_contact content_urls"""
# Closed lists: what may be answered. Any other word counts as the worst.
OFFERED = {
    "self_harm_answer": "yes maybe no silent",
    "victim_age_band": "under_15 15_17 minor unknown adult 65_plus",
    "offender_relation": " ".join((*KNOWN_AUTHORS, "stranger", "unknown")),
    "accused_by": "stranger company police court other",
    "account_kind": "mailbox payment work social shop game other",
    "at_stake": "nothing job election business other",
    "audience": "few school workplace public",
    "backups": "safe hit none unchecked",
    "content_exists": "yes no unsure",
    "contracts_opened": "none subscription rental credit other",
    "data_exposed": "address routine phone_number school employer other",
    "data_given": "nothing contact_details password bank_codes card_data identity_paper other",
    "data_kinds": "contact_details password location image bank identity_paper health other",
    "documents_exposed": "none identity_paper proof_of_address payslip bank_statement other",
    "entry_point": "unknown mail remote_access weak_password supplier website other",
    "fault": "missing not_as_described damaged counterfeit fake_shop other",
    "frequency": "once weekly daily hourly",
    "media_kind": "image video voice",
    "method": "card transfer direct_debit wallet cash gift_card other",
    "paid_by": "card transfer wallet cash_on_delivery other",
    "reach": "private group public viral",
    "scam_kind": "investment romance fake_support advance_fee recovery other",
    "school_or_work": "unaffected affected dropped",
    "spread": "threatened_only shown sent_to_contacts published",
    "subject": "person company association local_authority",
    "symptoms": "slow popup watched locked other",
    "used_for": "nothing mockery sexual fraud other",
    "vulnerability": "none isolation earlier_harassment low_self_esteem minority_target",
}
