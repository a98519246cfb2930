"""The read model is a fold of the bus: whatever way its records come, and however often, it shows the same."""

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import topics
from schemas.gaps import GapRecord
from schemas.words import Pillar, Presence, TrackState
from services.intake import board, case_queries, queries
from services.intake.asks import CaseSearch, HouseholdSearch
from services.intake.read_model import ReadModel
from services.rules.desks_of import pillar_of
from services.rules.machine import Message
from tests.unit.intake.records import (
    AT,
    Log,
    example,
    golden_case,
    golden_household,
    golden_responder,
    golden_track,
    running_case,
    whole_log,
)


@pytest.fixture
async def model(tmp_path: Path) -> AsyncIterator[ReadModel]:
    made = ReadModel(tmp_path / "state" / "read_model.sqlite")
    await made.open(AT)
    yield made
    await made.close()


def rows(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'meta'").fetchall()
    return {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for (name,) in tables}


async def shown(folder: Path, batches: list[list[Message]]) -> dict[str, list[tuple[object, ...]]]:
    model = ReadModel(folder / "other.sqlite")
    await model.open(AT)
    for batch in batches:
        await model.apply(batch, AT)
    found = await model.ask(rows)
    await model.close()
    return found


async def test_every_kind_of_record_has_rows(model: ReadModel) -> None:
    applied = await model.apply(whole_log().messages, AT)
    assert applied.unreadable == ()
    found = await model.ask(rows)
    no_report_joined_another_case = ["case_aliases"]
    assert [table for table, content in found.items() if not content] == no_report_joined_another_case


async def test_the_same_records_twice_are_the_same_rows(model: ReadModel, tmp_path: Path) -> None:
    messages = whole_log().messages
    await model.apply(messages, AT)
    await model.apply(messages, AT)
    assert await model.ask(rows) == await shown(tmp_path, [messages])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.sets(st.integers(1, len(whole_log().messages) - 1)))
async def test_rows_do_not_depend_on_how_records_were_batched(
    tmp_path_factory: pytest.TempPathFactory, cuts: set[int]
) -> None:
    messages = whole_log().messages
    places = [0, *sorted(cuts), len(messages)]
    batches = [messages[start:end] for start, end in pairwise(places)]
    cut = await shown(tmp_path_factory.mktemp("cut"), batches)
    assert cut == await shown(tmp_path_factory.mktemp("whole"), [messages])


async def test_offsets_are_kept_with_the_rows_and_found_again(model: ReadModel, tmp_path: Path) -> None:
    await model.apply(whole_log().messages, AT)
    again = ReadModel(tmp_path / "state" / "read_model.sqlite")
    await again.open(AT + timedelta(hours=1))
    assert again.positions == model.positions
    assert again.positions[topics.CASE_EVENT_LOG.name, 0] == len(topics.CASE_EVENTS)
    await again.close()


async def test_a_model_six_days_offline_is_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "read_model.sqlite"
    first = ReadModel(path)
    await first.open(AT)
    await first.apply(whole_log().messages, AT)
    await first.close()
    again = ReadModel(path)
    await again.open(AT + timedelta(days=6))
    assert again.positions == {}
    await again.close()


async def test_a_condemned_model_is_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "read_model.sqlite"
    first = ReadModel(path)
    await first.open(AT)
    await first.apply(whole_log().messages, AT)
    await first.condemn()
    await first.close()
    again = ReadModel(path)
    await again.open(AT)
    assert again.positions == {}
    await again.close()


@pytest.mark.parametrize("content", [b"not a database, certainly not one of ours" * 100, b""])
async def test_a_broken_file_is_rebuilt(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "read_model.sqlite"
    path.write_bytes(content)
    model = ReadModel(path)
    await model.open(AT)
    await model.apply(whole_log().messages, AT)
    assert await model.ask(queries.case(golden_case().case_id)) == running_case()
    await model.close()


async def test_nobody_else_on_the_machine_can_read_it(model: ReadModel, tmp_path: Path) -> None:
    await model.apply(whole_log().messages, AT)
    files = list((tmp_path / "state").iterdir())
    assert files
    assert [path.name for path in files if path.stat().st_mode & 0o077] == []


async def test_a_record_nobody_can_read_is_counted_and_costs_no_other(model: ReadModel) -> None:
    log = Log()
    log.raw(topics.CASES, "c", b"{broken", ())
    log.raw(topics.OUTCOMES_TOPIC, "c", b"{}", (("ce_type", b"nothing of ours"),))
    log.raw(topics.desks(Pillar.LEGAL), "track/t", b"[]", ())
    household = golden_household()
    log.state(topics.HOUSEHOLDS, household.household_id, household)
    applied = await model.apply(log.messages, AT)
    assert applied.unreadable == (topics.CASES.name, topics.OUTCOMES_TOPIC.name, topics.desks(Pillar.LEGAL).name)
    assert await model.ask(queries.household(household.household_id)) == household


async def test_a_removed_case_leaves_nothing_behind(model: ReadModel) -> None:
    log = whole_log()
    log.state(topics.CASES, golden_case().case_id, None)
    await model.apply(log.messages, AT)
    found = await model.ask(rows)
    left = {table for table, content in found.items() if any(golden_case().case_id in row for row in content)}
    assert left <= {"notices", "outcomes"}, (
        "what people were told, and how their commands ended, is kept for a time of its own"
    )


async def test_a_desks_pages_are_found_however_many_other_desks_have(model: ReadModel) -> None:
    log = whole_log()
    gap = GapRecord.model_validate_json(json.dumps(example("records/GapRecord")))
    later = {
        "gap_id": "later",
        "page_id": "later",
        "desk_id": "legal-fr",
        "raised_at": AT + timedelta(days=999),
        "delivered_at": AT,
    }
    log.state(topics.desks(Pillar.LEGAL), "gap/later", gap.model_copy(update={**later, "acknowledged_at": None}))
    await model.apply(log.messages, AT)
    every = await model.ask(lambda connection: board.open_pages(connection, limit=200))
    found = await model.ask(lambda connection: board.open_pages(connection, limit=1, desk_id="legal-fr"))
    assert every[0].desk_id != "legal-fr"
    assert [(page.page_id, page.delivered_at) for page in found] == [("later", AT)]


async def test_a_covert_case_is_found_by_its_id_and_nowhere_else(model: ReadModel) -> None:
    covert = running_case().model_copy(update={"covert": True})
    log = Log()
    log.state(topics.CASES, covert.case_id, covert)
    await model.apply(log.messages, AT)
    assert await model.ask(queries.case(covert.case_id)) == covert
    assert await model.ask(case_queries.search(CaseSearch())) == ([], None)
    for track in covert.tracks:
        desk = (await model.ask(board.desks([track.desk_id])))[0]
        assert sum(one.waiting + one.working for one in desk.bands) == 0
        assert desk.deadlines == ()
        assert (await model.ask(board.queue(track.desk_id, None, 10, AT))).tracks == ()
    assert (await model.ask(board.pages(None, 10))).pages == ()


async def test_a_case_that_turns_covert_leaves_the_board(model: ReadModel) -> None:
    case, log = running_case(), Log()
    log.state(topics.CASES, case.case_id, case)
    await model.apply(log.messages, AT)
    hidden = log.state(topics.CASES, case.case_id, case.model_copy(update={"covert": True}))
    applied = await model.apply([hidden], AT)
    assert {track.desk_id for track in case.tracks} <= applied.changes[0].touched
    for track in case.tracks:
        desk = (await model.ask(board.desks([track.desk_id])))[0]
        assert sum(one.waiting + one.working for one in desk.bands) == 0


async def test_searching_shows_each_case_once_over_all_pages(model: ReadModel) -> None:
    log = Log()
    made = [
        golden_case().model_copy(
            update={"case_id": f"case-{n}", "tracks": (), "received_at": AT + timedelta(seconds=n // 2)}
        )
        for n in range(11)
    ]
    for one in made:
        log.state(topics.CASES, one.case_id, one)
    await model.apply(log.messages, AT)
    found: list[str] = []
    cursor: str | None = None
    while True:
        page, cursor = await model.ask(case_queries.search(CaseSearch(limit=3, cursor=cursor)))
        found += [one.case_id for one in page]
        if cursor is None:
            break
    assert sorted(found) == sorted(one.case_id for one in made)
    assert found[0] == "case-10"


async def test_households_are_found_by_reference_and_by_name(model: ReadModel) -> None:
    household, log = golden_household(), Log()
    log.state(topics.HOUSEHOLDS, household.household_id, household)
    await model.apply(log.messages, AT)
    name = next(one.personal.name for one in household.body.members if one.personal.name)
    for asked in (HouseholdSearch(reference=household.body.reference), HouseholdSearch(name=name.upper())):
        assert await model.ask(case_queries.households(asked)) == ([household], None)
    assert await model.ask(case_queries.households(HouseholdSearch(name="nobody at all"))) == ([], None)


async def test_a_track_with_an_offer_is_known_to_have_one(model: ReadModel) -> None:
    case, log = golden_case(), Log()
    waiting = tuple(
        one.model_copy(update={"state": TrackState.PENDING, "offered_at": None, "offer_id": None})
        for one in case.tracks
    )
    log.state(topics.CASES, case.case_id, case.model_copy(update={"tracks": waiting}))
    await model.apply(log.messages, AT)
    assert not await model.ask(queries.has_offer(case.case_id))
    desk = golden_track()
    track_id = waiting[0].track_id
    dispatch = desk.dispatch.model_copy(update={"track_id": track_id})
    offered = desk.model_copy(update={"dispatch": dispatch, "offer_id": "o-1"})
    message = log.state(topics.desks(dispatch.pillar), f"track/{track_id}", offered)
    await model.apply([message], AT)
    assert await model.ask(queries.has_offer(case.case_id))


async def test_a_responder_who_left_a_desk_is_on_duty_there_no_more(model: ReadModel) -> None:
    record, log = golden_responder(), Log()
    desk_id = record.entry.desk_id
    topic = topics.desks(pillar_of(desk_id))
    available = record.model_copy(update={"presence": Presence.AVAILABLE})
    log.state(topic, f"responder/{record.entry.responder_id}", available)
    await model.apply(log.messages, AT)
    assert (await model.ask(board.desks([desk_id])))[0].on_duty == 1
    gone = log.state(topic, f"responder/{record.entry.responder_id}", None)
    applied = await model.apply([gone], AT)
    assert applied.changes[0].touched == {desk_id}
    assert (await model.ask(board.desks([desk_id])))[0].on_duty == 0


async def test_a_search_for_one_responders_cases_reads_no_other_tracks(model: ReadModel) -> None:
    def plan(connection: sqlite3.Connection) -> str:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        case_queries.search(CaseSearch(responder_id="r-1"))(connection)
        connection.set_trace_callback(None)
        return " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}"))

    assert "SEARCH case_tracks USING INDEX tracks_of_responder" in await model.ask(plan)
