"""Rosters and rotas as CSV: what is written out reads back the same, and what is wrong is named by its line, never repeated."""

from typing import Any

import httpx2
import pytest

from schemas.words import Role
from tests.unit.intake.wired.door import Desk
from tests.unit.intake.wired.test_rotas import DESK, ROTA, fired, put, seat, seen, staffed, supervisor

ROSTER = f"/v1/desks/{DESK}/roster.csv"
HEADER = "responder_id,name,languages,skills,capacity,methods,addresses"
LAYERS = "layer,people,turn,hand_over_at,zone,starts_on,windows"


async def sends(desk: Desk, path: str, text: str | bytes, **headers: str) -> httpx2.Response:
    raw = text.encode() if isinstance(text, str) else text
    answer = await desk.client.put(path, content=raw, headers=supervisor(desk) | {"Content-Type": "text/csv"} | headers)
    await fired(desk)
    return answer


async def written(desk: Desk, path: str) -> str:
    answer = await desk.get(path, role=Role.SUPERVISOR)
    assert answer.headers["content-type"].startswith("text/csv")
    return answer.text


# -------------------------------------------------------------------------------------------------------------- rosters
async def test_a_roster_comes_in_as_a_file_and_goes_out_as_the_same_one(desk: Desk) -> None:
    rows = [
        HEADER,
        "ann,Ann Arbor,fr:native en,psy_minors:4:2030-12-31 psy_suicide_risk,2,webhook log,https://ann.test/hook",
        "bob,,nl,,3,log:unverified,",
    ]
    answer = await sends(desk, ROSTER, "\n".join(rows))
    assert [(one["line"], one["what"], one["outcome"]) for one in answer.json()["rows"]] == [
        (2, "entered", "done"), (3, "entered", "done"),
    ]  # fmt: skip
    ann = (await seen(desk, "/v1/responders/ann"))["entry"]
    assert (ann["fluency"], ann["training"]["psy_minors"]["level"]) == ({"fr": "native"}, 4)
    assert ann["personal"] == {"name": "Ann Arbor", "addresses": ["https://ann.test/hook"]}
    assert (await seen(desk, "/v1/responders/bob"))["entry"]["methods"] == [{"kind": "log", "verified": False}]
    again = await sends(desk, ROSTER, await written(desk, ROSTER))
    assert [one["what"] for one in again.json()["rows"]] == ["unchanged", "unchanged"]


async def test_a_dry_run_says_what_would_change_and_changes_nothing(desk: Desk) -> None:
    await staffed(desk, "ann")
    answer = await sends(desk, ROSTER + "?dry_run=true", f"{HEADER}\nann,,fr,,1,log,\nbob,,fr,,1,log,\n")
    assert [(one["subject"], one["what"]) for one in answer.json()["rows"]] == [("ann", "replaced"), ("bob", "entered")]
    assert (await desk.get("/v1/responders/bob", role=Role.SUPERVISOR)).status_code == 404


@pytest.mark.parametrize(
    ("row", "line", "says"),
    [
        ("0612345678,,fr,,1,log,", 2, "opaque"),
        ("ann,,fr,,many,log,", 2, "capacity: must be a whole number"),
        ("ann,,fr,,1,pigeon,", 2, "methods: must be one of"),
        ("ann,,fr,juggling,1,log,", 2, "no such skill"),
        ("ann,,french,,1,log,", 2, "languages: a language is its ISO 639 code"),
        ("ann,,fr:fluent,,1,log,", 2, "languages: must be one of"),
        ("ann,,fr,psy_minors:9,1,log,", 2, "skills: must be at most 5"),
        ("ann,,fr,,1,webhook,nowhere", 2, "addresses: a webhook needs"),
        ("ann,,fr,,1,log,\nann,,fr,,1,log,", 3, "is the one of line 2"),
        ("ann,,fr", 2, "must have 7 cells"),
        ('ann,"open,fr,,1,log,', 2, "quotation mark"),
    ],
)
async def test_a_wrong_row_is_named_by_its_line_and_nothing_of_the_file_is_taken(
    desk: Desk, row: str, line: int, says: str
) -> None:
    text = f"{HEADER}\n{row}\n"
    answer = await sends(desk, ROSTER, text)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["detail"].startswith(f"line {line}: "), says in error["detail"]) == (
        422,
        True,
        True,
    )
    dry = await sends(desk, ROSTER + "?dry_run=true", text)
    assert (dry.status_code, dry.json()["errors"]) == (200, [error])
    assert not any(word in answer.text for word in ("0612345678", "pigeon", "juggling", "nowhere", "fluent"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must name the columns"),
        ("responder_id,name\nann,Ann", "lacks the columns methods"),
        (f"{HEADER},colour\n", "has other columns"),
        (b"responder_id,methods\n\xff,log", "not UTF-8"),
    ],
)
async def test_a_file_that_is_no_such_table_says_what_it_should_be(desk: Desk, text: str | bytes, says: str) -> None:
    answer = await sends(desk, ROSTER, text)
    assert (answer.status_code, says in answer.json()["errors"][0]["detail"]) == (422, True)


async def test_semicolons_a_byte_order_mark_and_empty_lines_are_how_spreadsheets_write(desk: Desk) -> None:
    answer = await sends(desk, ROSTER, "\ufeffresponder_id;methods;capacity\r\nann;log;2\r\n;;\r\n")
    assert [one["outcome"] for one in answer.json()["rows"]] == ["done"]


async def test_no_cell_that_goes_out_is_a_formula_and_it_comes_back_as_it_was(desk: Desk) -> None:
    await sends(desk, ROSTER, "responder_id,methods,name\nann,log,=1+1\n")
    assert (await seen(desk, "/v1/responders/ann"))["entry"]["personal"]["name"] == "=1+1"
    text = await written(desk, ROSTER)
    assert "'=1+1" in text
    again = await sends(desk, ROSTER, text)
    assert [one["what"] for one in again.json()["rows"]] == ["unchanged"]


async def test_a_column_that_is_missing_changes_nothing_and_an_empty_cell_empties(desk: Desk) -> None:
    training = {"psy_minors": {"level": 4, "evidence": "diploma_7"}}
    await staffed(desk, "ann", training=training, post="lead", household_id="h", personal={"name": "Ann"})
    await sends(desk, ROSTER, "responder_id,methods,capacity,post\nann,log,2,\n")
    entry = (await seen(desk, "/v1/responders/ann"))["entry"]
    assert (entry["capacity"], "post" in entry, entry["household_id"]) == (2, False, "h")
    assert (entry["training"], entry["personal"]["name"]) == (training, "Ann")
    await sends(desk, ROSTER, "responder_id,methods,skills\nann,log,psy_minors:5\n")
    entry = (await seen(desk, "/v1/responders/ann"))["entry"]
    assert (entry["skills"], entry["training"]["psy_minors"]) == (["psy_minors"], {"level": 5, "evidence": "diploma_7"})


async def test_who_is_at_another_desk_is_not_taken_from_it_by_a_file(desk: Desk) -> None:
    await staffed(desk, "ann")
    answer = await sends(desk, "/v1/desks/psychological-be/roster.csv", "responder_id,methods\nann,log\n")
    assert (answer.status_code, "another desk" in answer.json()["errors"][0]["detail"]) == (422, True)


async def test_only_a_supervisor_sees_a_roster_and_only_csv_is_read(desk: Desk) -> None:
    assert (await desk.get(ROSTER, role=Role.RESPONDER, subject="ann")).status_code == 403
    assert (await sends(desk, ROSTER, "{}", **{"Content-Type": "application/json"})).status_code == 415
    assert (await sends(desk, ROSTER, "x" * (1024 * 1024 + 1))).status_code == 413


# ---------------------------------------------------------------------------------------------------------------- rotas
async def test_a_rota_comes_in_as_a_file_and_goes_out_as_the_same_one(desk: Desk) -> None:
    await staffed(desk, "ann", "bob")
    rows = [
        LAYERS,
        'first,ann bob,1 weeks,08:00,Europe/Paris,2026-01-05,"mon-fri 08:00-18:00; sat 10:00-14:00"',
        "nights,bob,12 hours,20:00,Europe/Brussels,2026-01-05,",
    ]
    answer = await sends(desk, f"{ROTA}.csv", "\n".join(rows), **{"If-None-Match": "*"})
    assert answer.status_code == 200, answer.text
    shown = await seen(desk, ROTA)
    assert [one["people"] for one in shown["layers"]] == [["ann", "bob"], ["bob"]]
    assert shown["layers"][0]["windows"][1] == {"days": ["sat"], "begins": "10:00", "ends": "14:00"}
    text = await written(desk, f"{ROTA}.csv")
    assert "mon-fri 08:00-18:00; sat 10:00-14:00" in text
    tried = await sends(desk, f"{ROTA}.csv?dry_run=true", text)
    assert {one["what"] for one in tried.json()["rows"]} == {"unchanged"}
    again = await sends(desk, f"{ROTA}.csv", text, **{"If-Match": '"1"'})
    assert again.status_code == 200
    assert await written(desk, f"{ROTA}.csv") == text


async def test_a_dry_run_of_a_rota_says_what_each_layer_becomes(desk: Desk) -> None:
    await staffed(desk, "ann")
    await put(desk, seat("ann"), seat("ann", name="second"), seat("ann", name="third"))
    rows = [
        LAYERS,
        "first,ann,1 weeks,08:00,Europe/Paris,2026-01-05,",
        "second,ann,2 weeks,08:00,Europe/Paris,2026-01-05,",
        "new,ann,1 days,08:00,UTC,2026-01-05,",
    ]
    answer = await sends(desk, f"{ROTA}.csv?dry_run=true", "\n".join(rows))
    assert [(one["subject"], one["what"]) for one in answer.json()["rows"]] == [
        ("first", "unchanged"), ("second", "replaced"), ("new", "entered"), ("third", "removed"),
    ]  # fmt: skip
    assert (await seen(desk, ROTA))["version"] == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"people": "ann ghost"}, "people: nobody of this name"),
        ({"turn": "fortnightly"}, "turn: must be a number"),
        ({"zone": "Mars/Olympus"}, "zone: must be a time zone of IANA"),
        ({"hand_over_at": "8 o'clock"}, "hand_over_at: must match"),
        ({"starts_on": "soon"}, "starts_on: must be a day"),
        ({"windows": "weekdays"}, "windows: must be days and times"),
        ({"windows": "mon-xyz 08:00-18:00"}, "windows: must be days and times"),
    ],
)
async def test_a_wrong_layer_is_named_by_its_line_and_column(desk: Desk, changed: dict[str, str], says: str) -> None:
    await staffed(desk, "ann")
    usual = {"layer": "first", "people": "ann", "turn": "1 weeks", "hand_over_at": "08:00", "zone": "UTC"}
    usual |= {"starts_on": "2026-01-05", "windows": ""}
    row = ",".join((usual | changed).values())
    answer = await sends(desk, f"{ROTA}.csv", f"{LAYERS}\n{row}\n", **{"If-None-Match": "*"})
    assert answer.status_code == 422, answer.text
    detail: Any = answer.json()["errors"][0]["detail"]
    assert detail.startswith(f"line 2: {says}"), detail
    assert not any(word in answer.text for word in ("ghost", "fortnightly", "Mars", "o'clock"))
