"""Promises that come with a service or with one contract: an appointment to complain, content gone within a day (DOMAIN sections 8, 9)."""

from datetime import timedelta

import pytest

from tests.scenarios.roofs import holds, roof
from tests.scenarios.test_milestones import reaches
from tests.scenarios.town import Town


def test_an_appointment_to_complain_is_proposed_within_a_day_and_kept_by_a_note(town: Town) -> None:
    town.everyone_on_duty().reports(None, "threat", country="FR").ignoring_what_was_told()
    town.answers("accept", "r-legal-fr", "legal").works("contacted", "r-legal-fr", "legal", result="spoke")
    clock = town.clock("legal", "complaint_appointment")
    assert clock is not None
    assert clock.due == town.case().received_at + timedelta(hours=24)
    reaches(town.passes(hours=3), "complaint_appointment", "legal").expects_outcome("done")
    assert town.track("legal").met == ("complaint_appointment",)
    town.ignoring_what_was_told().passes(hours=22).ignoring_what_was_told()
    assert "complaint_appointment" not in [one.data.milestone for one in town.facts("clock_breached")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("programme", "promised"), [("maif_e_reputation", True), ("allianz_cyber_protect", False)])
def test_content_gone_within_a_day_is_promised_by_maif_and_not_by_a_contract_that_says_nothing_of_it(
    town: Town, programme: str, *, promised: bool
) -> None:
    roof(town.everyone_on_duty(), "h", holds(programme)).reports("h", "defamation").ignoring_what_was_told()
    assert "takedown" in town.track("technical").services
    due = {clock.due for track in town.case().tracks for clock in track.clocks if clock.name == "takedown_done"}
    assert due == ({town.case().received_at + timedelta(hours=24)} if promised else set())
