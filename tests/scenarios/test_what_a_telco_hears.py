"""A member reports through the telco that bills the household: what it hears, and so any bill, names no harm (DOMAIN section 9)."""

import json
from typing import Any

import pytest

from schemas import topics
from schemas.envelope import Event
from services.intake.partner_updates import update
from services.rules.machine import Message
from tests.scenarios.roofs import holds, lives, partner_reports, partners_roof
from tests.scenarios.town import Town

TELCO = "proximus"
FAMILY = (lives("m1", "subscriber"), lives("m2", "spouse"))


@pytest.fixture
def family(town: Town) -> Town:
    holdings = [holds("proximus_cyber_care")]
    partners_roof(town.everyone_on_duty("be"), TELCO, "BE-H-1", country="BE", members=FAMILY, holdings=holdings)
    return town


def reports(town: Town, report_id: str, **said: Any) -> Town:
    return partner_reports(
        town, TELCO, report_id, household_reference="BE-H-1", partner_reference=f"ticket-{report_id}", **said
    )


def heard(town: Town) -> list[dict[str, Any]]:
    """What the gateway tells the telco of the last case as it stands."""
    value = town.case().model_dump_json(exclude_none=True).encode()
    sends = update(Message(topics.CASES.name, 0, 0, b"k", value, (), town.now), (TELCO,))
    assert all(send.topic.name == topics.partner(TELCO).cases.name and isinstance(send.body, Event) for send in sends)
    return [json.loads(send.body.data.model_dump_json()) for send in sends if isinstance(send.body, Event)]


def test_the_telco_hears_that_somebody_is_helped_and_neither_with_what_nor_by_whom(family: Town) -> None:
    reports(family, "T-1", code="intimate_image_abuse", victim_member_id="m2", personal={"free_text": "her words"})
    family.ignoring_what_was_told().answers("accept", "r-technical-be", "technical")
    (told,) = heard(family)
    assert (told["partner_reference"], told["status"]) == ("ticket-T-1", "inProgress")
    assert set(told) == {"partner_reference", "case_id", "status", "expected_resolution", "changed_at"}
    assert family.case().programme == "proximus_cyber_care"


def test_two_harms_of_one_family_look_the_same_to_the_telco_but_for_ids_and_times(family: Town) -> None:
    (one,) = heard(reports(family, "T-1", code="unclassified_suspicion", victim_member_id="m1"))
    (other,) = heard(reports(family, "T-2", code="intimate_image_abuse", victim_member_id="m2"))
    for told in (one, other):
        del told["partner_reference"], told["case_id"], told["expected_resolution"]
    assert one == other
    family.ignoring_what_was_told()


def test_the_telco_hears_nothing_at_all_of_a_spouse_who_must_not_be_found_out(family: Town) -> None:
    reports(family, "T-1", code="malware", victim_member_id="m2", offender_relation="subscriber")
    family.ignoring_what_was_told()
    assert (family.case().covert, heard(family)) == (True, [])
