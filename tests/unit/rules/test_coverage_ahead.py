"""What nobody on the rota is able to take, from when to when, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.gaps import GapReason
from schemas.rosters import ContactMethod, RosterEntry, Training
from services.rules.cells import LANE, Able, Cell, able, cells_of
from services.rules.coverage_ahead import Crew, Hole, holes, unfit
from services.rules.needs import lacks
from services.rules.rota import Span
from tests.shipped import ABLE, CATALOGUE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
END = NOON + timedelta(days=14)
CELLS = cells_of("legal-fr", CATALOGUE)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def works(
    who: str | None, begins: float, ends: float, reason: GapReason | None = None, *, planned: str | None = None
) -> Span:
    return Span("first", at(begins), at(ends), planned or who, who, reason)


def somebody(name: str, **said: Any) -> RosterEntry:
    methods = (ContactMethod(kind="log", verified=said.pop("verified", True)),)
    return RosterEntry(responder_id=name, desk_id="legal-fr", methods=methods, **(ABLE | said))


def found(spans: list[Span], takes: dict[str, list[str]], cannot: dict[str, GapReason] | None = None) -> list[Hole]:
    """The holes of a desk that knows these cells only, each taken by these people."""
    cells = [next(cell for cell in CELLS if cell.name == name) for name in takes]
    people = {who for those in takes.values() for who in those}
    bits = {who: sum(1 << n * LANE for n, those in enumerate(takes.values()) if who in those) for who in people}
    crew = Crew(cells, {who: Able(taken) for who, taken in bits.items()}, cannot or {})
    return holes(spans, crew, begins=NOON, ends=END)


def test_every_skill_of_the_pillar_in_every_language_of_the_region_for_every_clearance_is_asked_for() -> None:
    names = {cell.name for cell in cells_of("legal-be", CATALOGUE)}
    skills = {"any", "legal_press_image", "legal_consumer", "legal_data", "domestic_violence_aware"}
    endings = {"", "/minors", "/restricted"}
    assert names == {
        f"{skill}/{language}{end}" for skill in skills for language in ("fr", "nl", "de") for end in endings
    }
    assert {cell.language for cell in cells_of("legal-fr", CATALOGUE)} == {"fr", "en"}


def test_what_somebody_covers_all_the_time_is_no_hole() -> None:
    assert found([works("ann", -1, 400)], {"any/fr": ["ann"]}) == []


def test_the_time_between_two_shifts_is_a_hole_for_every_cell_alike() -> None:
    able = {"any/fr": ["ann"], "any/fr/minors": ["ann"]}
    (hole,) = found([works("ann", -1, 8), works("ann", 20, 400)], able)
    assert (hole.begins, hole.ends, hole.cells) == (at(8), at(20), ("any/fr", "any/fr/minors"))
    assert hole.reasons == (GapReason.NOBODY_PLANNED,)


def test_a_hole_with_no_end_in_sight_has_none() -> None:
    (hole,) = found([works("ann", -1, 8)], {"any/fr": ["ann"]})
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
    (hole,) = found([span], {"any/fr": ["ann"]}, cannot)
    assert (hole.begins, hole.ends, hole.reasons) == (NOON, None, (reason,))


def test_two_who_take_turns_without_a_pause_leave_no_hole_and_one_who_comes_late_does() -> None:
    able = {"any/fr": ["ann", "bob"]}
    assert found([works("ann", -1, 8), works("bob", 8, 400)], able) == []
    assert [(one.begins, one.ends) for one in found([works("ann", -1, 8), works("bob", 9, 400)], able)] == [
        (at(8), at(9))
    ]


def test_a_hole_of_several_cells_says_why_each_of_them_is_open() -> None:
    on_leave = works(None, -1, 400, GapReason.ON_LEAVE, planned="ann")
    (hole,) = found([on_leave], {"any/fr": ["ann"], "legal_data/fr": []})
    assert (hole.cells, hole.reasons) == (("any/fr", "legal_data/fr"), (GapReason.NOBODY_PLANNED, GapReason.ON_LEAVE))


def test_thousands_at_once_are_counted_and_not_one_too_many() -> None:
    crowd = [works("ann", -1, 8) for _ in range(10_000)]
    (hole,) = found(crowd, {"any/fr": ["ann"], "any/fr/minors": ["ann"]})
    assert (hole.begins, hole.ends, hole.cells) == (at(8), None, ("any/fr", "any/fr/minors"))


def test_a_skill_that_expires_during_a_shift_covers_until_the_end_of_its_last_day() -> None:
    entry = somebody("ann", training={"legal_data": Training(expires_on=NOON.date() + timedelta(days=2))})
    crew = Crew(CELLS, {"ann": able(entry, CELLS)}, {})
    (hole,) = holes([works("ann", -1, 400)], crew, begins=NOON, ends=END)
    assert (hole.begins, hole.ends) == (datetime(2026, 3, 5, tzinfo=UTC), None)
    assert {cell.split("/")[0] for cell in hole.cells} == {"legal_data"}


def test_who_is_in_no_roster_or_cannot_be_reached_is_never_on_duty() -> None:
    roster = {"ann": somebody("ann"), "bob": somebody("bob", verified=False)}
    expected = {"bob": GapReason.NO_VERIFIED_METHOD, "cy": GapReason.NOT_IN_ROSTER}
    assert unfit(["ann", "bob", "cy"], roster) == expected


def test_cells_ask_for_the_first_step_of_a_search() -> None:
    cell: Cell = next(one for one in cells_of("legal-fr", CATALOGUE) if one.name == "legal_data/en/minors")
    assert (cell.needs.skills, cell.needs.language, cell.needs.clearances) == (("legal_data",), "en", ("minors",))
    assert (cell.needs.level, cell.needs.interpreted) == (CATALOGUE.work.search[0].level, False)


# ------------------------------------------------------------------------------------------ as if every hour were looked at
SKILLS = [name for name, skill in CATALOGUE.skills.skills.items() if "legal" in skill.pillars]
DAYS = st.none() | st.integers(-2, 4).map(lambda days: NOON.date() + timedelta(days=days))
TRAINED = st.dictionaries(
    st.sampled_from(SKILLS), st.none() | st.builds(Training, level=st.integers(1, 5), expires_on=DAYS)
)
PEOPLE = st.builds(
    lambda skills, languages, clearances, *, verified: {
        "skills": tuple(skills),
        "training": {skill: known for skill, known in skills.items() if known is not None},
        "languages": tuple(languages),
        "clearances": tuple(clearances),
        "verified": verified,
    },
    TRAINED,
    st.lists(st.sampled_from(("fr", "en")), min_size=1, unique=True),
    st.lists(st.sampled_from(("minors", "restricted")), unique=True),
    verified=st.booleans(),
)
NAMES = ("ann", "bob", "cy", "ghost")
TURNS = st.tuples(st.integers(-9, 60), st.integers(1, 40), st.sampled_from(NAMES), st.sampled_from((*NAMES, None))).map(
    lambda turn: works(turn[3], turn[0], turn[0] + turn[1], None if turn[3] else GapReason.ON_LEAVE, planned=turn[2])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PEOPLE, min_size=3, max_size=3), st.lists(TURNS, max_size=8))
def test_what_is_found_is_what_looking_at_every_hour_finds(people: list[dict[str, Any]], turns: list[Span]) -> None:
    roster = {name: somebody(name, **said) for name, said in zip(NAMES, people, strict=False)}
    worked, ends = [one for one in turns if one.ends > NOON], NOON + 96 * HOUR
    cannot = unfit({one.who for one in worked if one.who is not None}, roster)
    crew = Crew(CELLS, {who: able(entry, CELLS) for who, entry in roster.items()}, cannot)
    shown = {
        (name, hour)
        for hole in holes(worked, crew, begins=NOON, ends=ends)
        for name in hole.cells
        for hour in range(96)
        if hole.begins <= at(hour) < (hole.ends or ends)
    }
    assert shown == {
        (cell.name, hour)
        for hour in range(96)
        for cell in CELLS
        if not any(_takes(one, cell, at(hour), roster) for one in worked if one.who not in cannot)
    }


def _takes(span: Span, cell: Cell, hour: datetime, roster: dict[str, RosterEntry]) -> bool:
    """Whether somebody works at an hour and is able to take it, by the rule that is asked when a track comes."""
    if span.who is None or not span.begins <= hour < span.ends:
        return False
    return lacks(roster[span.who], cell.needs, hour.date()) is None
