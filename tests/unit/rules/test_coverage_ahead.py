"""What nobody on the rota is able to take, from when to when, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.gaps import GapReason
from schemas.rosters import ContactMethod, RosterEntry, Training
from services.rules.coverage_ahead import Cell, Hole, able_until, cells_of, holes, unfit
from services.rules.rota import Span
from tests.shipped import ABLE, CATALOGUE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
END = NOON + timedelta(days=14)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def works(
    who: str | None, begins: float, ends: float, reason: GapReason | None = None, *, planned: str | None = None
) -> Span:
    return Span("first", at(begins), at(ends), planned or who, who, reason)


def somebody(name: str, **said: Any) -> RosterEntry:
    methods = (ContactMethod(kind="log", verified=said.pop("verified", True)),)
    return RosterEntry(responder_id=name, desk_id="legal-fr", methods=methods, **(ABLE | said))


def found(spans: list[Span], able: dict[str, Any], cannot: dict[str, GapReason] | None = None) -> list[Hole]:
    return holes(spans, able, cannot or {}, begins=NOON, ends=END)


def test_every_skill_of_the_pillar_in_every_language_of_the_region_for_every_clearance_is_asked_for() -> None:
    names = {cell.name for cell in cells_of("legal-be", CATALOGUE)}
    skills = {"any", "legal_press_image", "legal_consumer", "legal_data", "domestic_violence_aware"}
    endings = {"", "/minors", "/restricted"}
    assert names == {
        f"{skill}/{language}{end}" for skill in skills for language in ("fr", "nl", "de") for end in endings
    }
    assert {cell.language for cell in cells_of("legal-fr", CATALOGUE)} == {"fr", "en"}


def test_what_somebody_covers_all_the_time_is_no_hole() -> None:
    assert found([works("ann", -1, 400)], {"any/fr": {"ann": None}}) == []


def test_the_time_between_two_shifts_is_a_hole_for_every_cell_alike() -> None:
    able = {"any/fr": {"ann": None}, "any/fr/minors": {"ann": None}}
    (hole,) = found([works("ann", -1, 8), works("ann", 20, 400)], able)
    assert (hole.begins, hole.ends, hole.cells) == (at(8), at(20), ("any/fr", "any/fr/minors"))
    assert hole.reasons == (GapReason.NOBODY_PLANNED,)


def test_a_hole_with_no_end_in_sight_has_none() -> None:
    (hole,) = found([works("ann", -1, 8)], {"any/fr": {"ann": None}})
    assert (hole.begins, hole.ends) == (at(8), None)


@pytest.mark.parametrize(
    ("span", "cannot", "reason"),
    [
        (works(None, -1, 400, GapReason.NOBODY_PLANNED), {}, GapReason.NOBODY_PLANNED),
        (works(None, -1, 400, GapReason.ON_LEAVE, planned="ann"), {}, GapReason.ON_LEAVE),
        (works("ann", -1, 400), {"ann": GapReason.NO_VERIFIED_METHOD}, GapReason.NO_VERIFIED_METHOD),
        (works("ann", -1, 400), {"ann": GapReason.NOT_IN_ROSTER}, GapReason.NOT_IN_ROSTER),
        (works("bob", -1, 400), {}, GapReason.NOT_ABLE),
    ],
)
def test_a_hole_says_why(span: Span, cannot: dict[str, GapReason], reason: GapReason) -> None:
    (hole,) = found([span], {"any/fr": {"ann": None}}, cannot)
    assert (hole.begins, hole.ends, hole.reasons) == (NOON, None, (reason,))


def test_two_who_take_turns_without_a_pause_leave_no_hole_and_one_who_comes_late_does() -> None:
    able = {"any/fr": {"ann": None, "bob": None}}
    assert found([works("ann", -1, 8), works("bob", 8, 400)], able) == []
    assert [(one.begins, one.ends) for one in found([works("ann", -1, 8), works("bob", 9, 400)], able)] == [
        (at(8), at(9))
    ]


def test_a_skill_that_expires_during_a_shift_covers_until_the_end_of_its_last_day() -> None:
    expires = somebody("ann", training={"legal_data": Training(expires_on=NOON.date() + timedelta(days=2))})
    cell = next(one for one in cells_of("legal-fr", CATALOGUE) if one.name == "legal_data/fr")
    until = able_until(["ann"], cell, {"ann": expires})
    (hole,) = found([works("ann", -1, 400)], {cell.name: until})
    assert (hole.begins, hole.ends) == (datetime(2026, 3, 5, tzinfo=UTC), None)
    other = next(one for one in cells_of("legal-fr", CATALOGUE) if one.name == "legal_consumer/fr")
    assert able_until(["ann"], other, {"ann": expires}) == {"ann": None}


def test_who_is_in_no_roster_or_cannot_be_reached_is_never_on_duty() -> None:
    roster = {"ann": somebody("ann"), "bob": somebody("bob", verified=False)}
    expected = {"bob": GapReason.NO_VERIFIED_METHOD, "cy": GapReason.NOT_IN_ROSTER}
    assert unfit(["ann", "bob", "cy"], roster) == expected


def test_cells_ask_for_the_first_step_of_a_search() -> None:
    cell: Cell = next(one for one in cells_of("legal-fr", CATALOGUE) if one.name == "legal_data/en/minors")
    assert (cell.needs.skills, cell.needs.language, cell.needs.clearances) == (("legal_data",), "en", ("minors",))
    assert (cell.needs.level, cell.needs.interpreted) == (CATALOGUE.work.search[0].level, False)
