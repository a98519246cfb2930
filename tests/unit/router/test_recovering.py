"""Coverage decided again for an open case: what is new goes out, what somebody does is never taken away, the floor stays."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.cases import CaseRecord
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Band, Pillar, Signal, TrackState
from services.router.recovering import Recovered, recover
from services.rules.asked_of_coverage import Asked, asked, read_asked
from tests.scenarios.roofs import holds, roof
from tests.scenarios.town import Town
from tests.shipped import CATALOGUE

LEGAL, TECHNICAL, PSYCHOLOGICAL = Pillar.LEGAL, Pillar.TECHNICAL, Pillar.PSYCHOLOGICAL


def opened(code: str, *holdings: dict[str, Any], placed: bool = True, **said: Any) -> CaseRecord:
    """A case as the router opened it, for a household that holds these, or for a caller nobody knows."""
    return a_town(code, *holdings, placed=placed, **said).case()


def a_town(code: str, *holdings: dict[str, Any], placed: bool = True, **said: Any) -> Town:
    town = Town(CATALOGUE)
    if placed:
        roof(town, "h", *holdings)
    return town.reports("h" if placed else None, code, **said)


def lived_in(*holdings: dict[str, Any]) -> HouseholdBody:
    return HouseholdBody.model_validate({"country": "FR", "holdings": holdings})


def placed_in(case: CaseRecord, *holdings: dict[str, Any]) -> Recovered:
    """The case once its household is known."""
    wanted = [track.pillar for track in case.tracks if track.state is not TrackState.WITHDRAWN]
    question = asked(
        lived_in(*holdings),
        ReportBody(),
        codes=(case.code,),
        band=case.band,
        signals=case.signals,
        pillars=wanted,
        received_at=case.received_at,
        catalogue=CATALOGUE,
    )
    return recover(case, question, CATALOGUE)


def asked_before(town: Town) -> Asked:
    """What was asked when the case's coverage was decided."""
    (told,) = town.facts("opened")
    (why,) = [why for why in told.data.explanations if why.rule.startswith("coverage:")]  # type: ignore[attr-defined]
    return read_asked(why.inputs["asked"])


def taken(case: CaseRecord, pillar: Pillar, state: TrackState = TrackState.ACCEPTED) -> CaseRecord:
    """The case after somebody took one track."""
    tracks = tuple(one.model_copy(update={"state": state}) if one.pillar is pillar else one for one in case.tracks)
    return case.model_copy(update={"tracks": tracks})


def services(made: Recovered, pillar: Pillar) -> set[str]:
    return {service for track in made.tracks if track.pillar is pillar for service in track.services}


def test_a_member_recognised_keeps_every_track_and_gets_the_contracts_services() -> None:
    made = placed_in(opened("doxxing", placed=False), holds("phone_harassment_mutual", tier="premium"))
    assert (made.covered, made.added, made.not_covered) == ((), (), ())
    assert made.fields["programme"] == "phone_harassment_mutual"
    assert services(made, PSYCHOLOGICAL) == {"listening_line", "consultation", "group_workshop"}


def test_a_household_without_contract_gives_back_what_nobody_has_taken_yet() -> None:
    case = taken(opened("doxxing", placed=False), PSYCHOLOGICAL)
    made = placed_in(case)
    assert made.not_covered == (LEGAL,)
    assert services(made, PSYCHOLOGICAL) == {"listening_line", "consultation", "group_workshop", "crisis_contact"}


@pytest.mark.parametrize("state", [TrackState.ACTIVE, TrackState.WAITING_VICTIM, TrackState.DONE])
def test_help_that_somebody_gives_or_gave_is_never_taken_away(state: TrackState) -> None:
    case = opened("doxxing", placed=False)
    for pillar in (LEGAL, TECHNICAL, PSYCHOLOGICAL):
        case = taken(case, pillar, state)
    made = placed_in(case)
    assert made.not_covered == ()
    assert [track.state for track in made.tracks] == [state] * 3


def test_the_floor_of_a_safety_signal_stays() -> None:
    made = placed_in(opened("defamation", placed=False, signals=["address_exposed"]))
    assert TECHNICAL not in made.not_covered
    assert services(made, TECHNICAL) == {"takedown"}


def test_a_p0_stays_whole_wherever_it_is_placed() -> None:
    made = placed_in(opened("threat", placed=False, signals=["physical_danger"]))
    assert (made.covered, made.added, made.not_covered) == ((), (), ())


def test_a_contract_found_later_opens_what_was_referred() -> None:
    made = placed_in(opened("fake_profile"), holds("malakoff_humanis_option"))
    assert made.covered == (LEGAL, PSYCHOLOGICAL)
    assert made.lead is LEGAL


def test_the_lead_stays_with_whoever_has_it() -> None:
    made = placed_in(taken(opened("doxxing"), TECHNICAL), holds("malakoff_humanis_option"))
    assert made.lead is TECHNICAL


def test_a_band_raised_to_p0_opens_every_pillar_from_what_was_asked_before() -> None:
    town = a_town("insult_harassment", holds("alan_premium"))
    case, before = town.case(), asked_before(town)
    made = recover(case, replace(before, band=Band.P0), CATALOGUE)
    assert set(made.covered) == {TECHNICAL, PSYCHOLOGICAL}
    assert {"complaint_file"} <= services(made, LEGAL)


def test_a_signal_in_a_pillar_that_was_not_concerned_needs_a_track() -> None:
    town = a_town("online_shopping_dispute", holds("proximus_cyber_care"))
    case, before = town.case(), asked_before(town)
    made = recover(case, replace(before, signals=(Signal.SELF_HARM,)), CATALOGUE)
    assert made.added == (PSYCHOLOGICAL,)


def test_an_answer_about_work_decides_again() -> None:
    town = a_town(
        "fake_profile", holds("cse_collective_cover", funded_programme="allianz_cyber_protect", budget_open=True)
    )
    case, before = town.case(), asked_before(town)
    made = recover(case, replace(before, work_related=False), CATALOGUE)
    assert made.not_covered == (TECHNICAL, PSYCHOLOGICAL)
    assert made.coverage.explanation.rule == "coverage:advised"


def test_a_track_given_up_is_not_asked_about_again() -> None:
    case = taken(opened("doxxing", placed=False), LEGAL, TrackState.WITHDRAWN)
    made = placed_in(case, holds("malakoff_humanis_option"))
    assert LEGAL not in {*made.covered, *made.added, *made.not_covered}
