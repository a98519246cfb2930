"""Rotas over HTTP: what is written down counts at the desk, and what nobody covers is shown, never left out."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from icalendar import Calendar

from schemas.envelope import rfc3339
from schemas.words import Role
from tests.shipped import ABLE
from tests.unit.intake.wired.door import Desk

DESK = "psychological-fr"
ROTA = f"/v1/desks/{DESK}/rota"
NEW = {"If-None-Match": "*"}


def seat(*people: str, name: str = "first", **said: Any) -> dict[str, Any]:
    usual = {"every": 1, "unit": "weeks", "hand_over_at": "08:00", "zone": "Europe/Paris", "starts_on": "2026-01-05"}
    return {"name": name, "people": list(people), **usual, **said}


def supervisor(desk: Desk, **headers: str) -> dict[str, str]:
    return desk.signer.header(Role.SUPERVISOR) | headers


async def fired(desk: Desk) -> None:
    """Whatever is due has happened, and is shown."""
    desk.wire.log.fire(desk.wire.clock.now())
    await desk.wire.fold()


async def staffed(desk: Desk, *names: str, **said: Any) -> None:
    able = {name: list(value) for name, value in ABLE.items()}
    for name in names:
        body = {"desk_id": DESK, "methods": [{"kind": "log"}], **able, **said}
        answer = await desk.client.put(f"/v1/responders/{name}", json=body, headers=supervisor(desk) | NEW)
        assert answer.status_code == 200, answer.text


async def put(desk: Desk, *layers: dict[str, Any], **headers: str) -> httpx2.Response:
    named = headers or NEW
    answer = await desk.client.put(ROTA, json={"layers": list(layers)}, headers=supervisor(desk) | named)
    await fired(desk)
    return answer


def at(desk: Desk, **after: float) -> str:
    return rfc3339(desk.wire.clock.now() + timedelta(**after))


async def seen(desk: Desk, path: str) -> dict[str, Any]:
    answer = await desk.get(path, role=Role.SUPERVISOR)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def of_desk(desk: Desk, path: str) -> dict[str, Any]:
    """What a list of all desks says of ours."""
    return next(one for one in (await seen(desk, path))["desks"] if one["desk_id"] == DESK)


# -------------------------------------------------------------------------------------------------------------- layers
async def test_a_rota_is_written_once_read_with_its_version_and_replaced_by_who_has_read_it(desk: Desk) -> None:
    await staffed(desk, "ann", "bob")
    assert (await desk.get(ROTA, role=Role.SUPERVISOR)).status_code == 404
    made = await put(desk, seat("ann", "bob"))
    assert (made.status_code, made.headers["etag"]) == (200, '"1"')
    shown = await desk.get(ROTA, role=Role.SUPERVISOR)
    assert (shown.headers["etag"], shown.json()["layers"][0]["people"]) == ('"1"', ["ann", "bob"])
    assert (await desk.client.put(ROTA, json={"layers": []}, headers=supervisor(desk))).status_code == 428
    assert (await put(desk, seat("ann"), **{"If-Match": '"0"'})).status_code == 412
    assert (await put(desk, seat("ann"), **{"If-Match": '"1"'})).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"zone": "Europe/Nowhere"}, "#/layers/0/zone"),
        ({"hand_over_at": "25:00"}, "#/layers/0/hand_over_at"),
        ({"starts_on": "2026-02-30"}, "#/layers/0/starts_on"),
        ({"people": ["ann", "ghost"]}, "#/layers/0/people/1"),
        ({"every": 0}, "#/layers/0/every"),
        ({"colour": "red"}, "#/layers/0"),
    ],
)
async def test_a_rota_that_cannot_work_is_refused_where_it_is_wrong(
    desk: Desk, wrong: dict[str, Any], pointer: str
) -> None:
    await staffed(desk, "ann")
    answer = await put(desk, seat("ann", **wrong) if "people" not in wrong else seat() | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert "Nowhere" not in answer.text
    assert "ghost" not in answer.text


async def test_only_supervisors_write_a_rota_and_only_who_works_there_reads_it_too(desk: Desk) -> None:
    await staffed(desk, "ann")
    await put(desk, seat("ann"))
    body = {"layers": [seat("ann")]}
    refused = await desk.client.put(ROTA, json=body, headers=desk.signer.header(Role.RESPONDER, "ann") | NEW)
    assert refused.status_code == 403
    assert (await desk.get(ROTA, role=Role.RESPONDER, subject="ann")).status_code == 200
    assert (await desk.get(ROTA, role=Role.RESPONDER, subject="zoe")).status_code == 404


@pytest.mark.parametrize("path", ["/v1/on-duty", "/v1/coverage"])
async def test_one_desk_may_be_asked_for_alone_and_one_that_is_none_is_not_found(desk: Desk, path: str) -> None:
    assert len((await desk.get(path, role=Role.SUPERVISOR)).json()["desks"]) > 1
    (shown,) = (await desk.get(f"{path}?desk_id={DESK}", role=Role.SUPERVISOR)).json()["desks"]
    assert shown["desk_id"] == DESK
    assert (await desk.get(f"{path}?desk_id=technical", role=Role.SUPERVISOR)).status_code == 404


# -------------------------------------------------------------------------------------------------- who is on duty, when
async def test_who_is_on_rota_is_on_duty_now_and_available(desk: Desk) -> None:
    await staffed(desk, "ann")
    await put(desk, seat("ann"))
    (shown,) = (await of_desk(desk, "/v1/on-duty"))["seats"]
    assert (shown["layer"], shown["responder_id"], shown["presence"]) == ("first", "ann", "available")
    person = await seen(desk, "/v1/responders/ann")
    assert (person["presence"], person["on_shift_since"]) == ("available", shown["begins"])


async def test_who_will_be_on_duty_is_told_for_an_instant_to_come(desk: Desk) -> None:
    await staffed(desk, "ann", "bob")
    await put(desk, seat("ann", "bob", every=1, unit="days"))
    turns = [(await of_desk(desk, f"/v1/on-duty?at={at(desk, days=days)}"))["seats"][0] for days in (0, 1, 2)]
    who = [one["responder_id"] for one in turns]
    assert who in (["ann", "bob", "ann"], ["bob", "ann", "bob"])
    assert "presence" not in turns[1]
    assert (await desk.get(f"/v1/on-duty?at={at(desk, days=400)}", role=Role.SUPERVISOR)).status_code == 422
    assert (await desk.get("/v1/on-duty?at=tomorrow", role=Role.SUPERVISOR)).status_code == 400


@pytest.mark.parametrize(
    ("people", "said", "reason"),
    [
        ((), {}, "nobody_planned"),
        (("mute",), {"methods": [{"kind": "log", "verified": False}]}, "no_verified_method"),
    ],
)
async def test_a_seat_nobody_sits_on_says_why(
    desk: Desk, people: tuple[str, ...], said: dict[str, Any], reason: str
) -> None:
    await staffed(desk, *people, **said)
    await put(desk, seat(*people))
    (shown,) = (await of_desk(desk, "/v1/on-duty"))["seats"]
    assert ("responder_id" in shown, shown["reason"]) == (False, reason)


# ------------------------------------------------------------------------------------------ overrides, leave and swaps
async def test_an_override_is_made_shown_and_taken_back(desk: Desk) -> None:
    await staffed(desk, "ann", "bob")
    await put(desk, seat("ann"))
    said = {"layer": "first", "who": "bob", "begins": at(desk, hours=-1), "ends": at(desk, hours=1)}
    made = await desk.post(f"{ROTA}/overrides", said, role=Role.SUPERVISOR, Idempotency_Key="o")
    again = await desk.post(f"{ROTA}/overrides", said, role=Role.SUPERVISOR, Idempotency_Key="o")
    assert (made.status_code, again.json()) == (201, made.json())
    await fired(desk)
    (seat_now,) = (await of_desk(desk, "/v1/on-duty"))["seats"]
    assert (seat_now["planned"], seat_now["responder_id"]) == ("ann", "bob")
    (kept,) = (await seen(desk, ROTA))["overrides"]
    assert kept["override_id"] == made.json()["command_id"]
    gone = await desk.client.delete(f"{ROTA}/overrides/{kept['override_id']}", headers=supervisor(desk))
    assert (gone.status_code, (await seen(desk, ROTA))["overrides"]) == (200, [])
    assert (await desk.client.delete(f"{ROTA}/overrides/none", headers=supervisor(desk))).status_code == 404


@pytest.mark.parametrize(
    ("said", "status"),
    [({"who": "ghost"}, 422), ({"layer": "second"}, 404), ({"ends": "2020-01-01T00:00:00Z"}, 422), ({"begins": "soon"}, 422)],
)  # fmt: skip
async def test_an_override_that_makes_no_sense_is_refused(desk: Desk, said: dict[str, str], status: int) -> None:
    await staffed(desk, "ann")
    await put(desk, seat("ann"))
    usual = {"layer": "first", "who": "ann", "begins": at(desk), "ends": at(desk, hours=1)}
    assert (await desk.post(f"{ROTA}/overrides", usual | said, role=Role.SUPERVISOR)).status_code == status


async def test_leave_makes_a_gap_that_coverage_shows_and_its_page_is_acknowledged_like_any_other(desk: Desk) -> None:
    await staffed(desk, "ann")
    await put(desk, seat("ann"))
    assert (await of_desk(desk, "/v1/coverage"))["gaps"] == []
    leave = {"responder_id": "ann", "begins": at(desk, hours=2), "ends": at(desk, hours=6)}
    made = await desk.post(f"{ROTA}/leave", leave, role=Role.SUPERVISOR)
    await fired(desk)
    (gap,) = (await of_desk(desk, "/v1/coverage"))["gaps"]
    assert (gap["begins"], gap["ends"], gap["reasons"]) == (leave["begins"], leave["ends"], ["on_leave"])
    (page,) = (await seen(desk, "/v1/pages"))["pages"]
    assert (page["page_id"], page["gap_id"], page["dead_letter"]) == (gap["page_id"], page["case_id"], False)
    assert (page["recipient"], page["reason"]) == (f"post:duty-lead-{DESK}", "gap_on_leave")
    done = await desk.post(f"/v1/pages/{page['page_id']}:acknowledge", role=Role.SUPERVISOR)
    assert (done.status_code, (await seen(desk, "/v1/pages"))["pages"]) == (200, [])
    assert (await of_desk(desk, "/v1/coverage"))["gaps"][0]["acknowledged_by"]["role"] == "supervisor"
    await desk.client.delete(f"{ROTA}/leave/{made.json()['command_id']}", headers=supervisor(desk))
    await fired(desk)
    assert (await of_desk(desk, "/v1/coverage"))["gaps"] == []


async def test_a_page_about_a_gap_goes_from_the_board_when_the_gap_is_filled(desk: Desk) -> None:
    await staffed(desk, "ann")
    await put(desk, seat())
    assert len((await seen(desk, "/v1/pages"))["pages"]) == 1
    await put(desk, seat("ann"), **{"If-Match": '"1"'})
    assert (await seen(desk, "/v1/pages"))["pages"] == []


async def test_a_swap_is_asked_by_one_and_accepted_by_the_other_and_nobody_else(desk: Desk) -> None:
    await staffed(desk, "ann", "bob", "cy")
    await put(desk, seat("ann"))
    said = {"layer": "first", "asked_of": "bob", "begins": at(desk, hours=-1), "ends": at(desk, hours=1)}
    said["in_return"] = {"begins": at(desk, days=2), "ends": at(desk, days=3)}  # type: ignore[assignment]
    asked = await desk.post(f"{ROTA}/swaps", said, role=Role.RESPONDER, subject="ann")
    assert asked.status_code == 201, asked.text
    swap = f"{ROTA}/swaps/{asked.json()['command_id']}"
    for who, status in (("cy", 409), ("ann", 409), ("bob", 200), ("bob", 200)):
        answer = await desk.post(f"{swap}:accept", role=Role.RESPONDER, subject=who)
        assert answer.status_code == status, who
    await fired(desk)
    assert (await of_desk(desk, "/v1/on-duty"))["seats"][0]["responder_id"] == "bob"
    assert (await desk.post(f"{swap}:withdraw", role=Role.RESPONDER, subject="ann")).json()["code"] == "wrong_state"


# ------------------------------------------------------------------------------------------------ coverage and quality
async def test_a_desk_without_a_rota_is_shown_as_one_gap_and_not_as_covered(desk: Desk) -> None:
    (gap,) = (await of_desk(desk, "/v1/coverage"))["gaps"]
    assert (gap["reasons"], "ends" in gap) == (["no_rota"], False)
    assert "psy_minors/fr/minors" in gap["cells"]
    assert (await of_desk(desk, "/v1/on-duty"))["reason"] == "no_rota"


async def test_coverage_is_told_until_an_instant_and_no_farther_than_desks_look(desk: Desk) -> None:
    await staffed(desk, "ann")
    await put(desk, seat("ann"))
    leave = {"responder_id": "ann", "begins": at(desk, days=10), "ends": at(desk, days=11)}
    await desk.post(f"{ROTA}/leave", leave, role=Role.SUPERVISOR)
    await fired(desk)
    assert (await of_desk(desk, f"/v1/coverage?until={at(desk, days=9)}"))["gaps"] == []
    assert len((await of_desk(desk, f"/v1/coverage?until={at(desk, days=90)}"))["gaps"]) == 1
    until = datetime.fromisoformat((await seen(desk, f"/v1/coverage?until={at(desk, days=90)}"))["until"])
    assert timedelta(days=13) < until - desk.wire.clock.now() <= timedelta(days=14)


async def test_the_sheet_for_whoever_takes_over_names_the_gaps_of_the_next_hours(desk: Desk) -> None:
    await staffed(desk, "ann")
    sheet = f"/v1/desks/{DESK}/handover"
    assert [one["reasons"] for one in (await seen(desk, sheet))["gaps"]] == [["no_rota"]]
    await put(desk, seat("ann"))
    leave = {"responder_id": "ann", "begins": at(desk, hours=20), "ends": at(desk, hours=22)}
    await desk.post(f"{ROTA}/leave", leave, role=Role.SUPERVISOR)
    await fired(desk)
    assert [len((await seen(desk, f"{sheet}?hours={hours}"))["gaps"]) for hours in (12, 24)] == [0, 1]


async def test_how_good_a_rota_is_says_gaps_balance_and_overload(desk: Desk) -> None:
    await staffed(desk, "ann", "bob")
    await put(
        desk, seat("ann"), seat("bob", name="second", windows=[{"days": ["mon"], "begins": "08:00", "ends": "16:00"}])
    )
    judged = await seen(desk, f"{ROTA}/quality?begins=2026-03-02T00:00:00Z&ends=2026-03-09T00:00:00Z")
    assert (judged["gaps_percent"], judged["hours"]) == (0.0, {"ann": 168.0, "bob": 8.0})
    assert judged["balance_percent"] == 4.8
    assert [one["why"] for one in judged["overload"]] == ["shift_too_long"]
    assert (await desk.get(f"{ROTA}/quality?ends=2020-01-01T00:00:00Z", role=Role.SUPERVISOR)).status_code == 422


# ------------------------------------------------------------------------------------------------------------ presence
async def test_presence_with_beats_and_a_beat_alone(desk: Desk) -> None:
    await staffed(desk, "ann")
    said = await desk.post(
        "/v1/me/presence", {"presence": "busy", "heartbeat_seconds": 30}, role=Role.RESPONDER, subject="ann"
    )
    beat = await desk.post("/v1/me/presence", {"heartbeat_seconds": 30}, role=Role.RESPONDER, subject="ann")
    assert (said.status_code, beat.status_code) == (200, 200)
    assert beat.json()["version"] == said.json()["version"]
    person = await seen(desk, "/v1/responders/ann")
    assert (person["presence"], person["silent"]) == ("busy", False)


@pytest.mark.parametrize("said", [{}, {"heartbeat_seconds": 1}, {"presence": "asleep"}])
async def test_presence_that_says_nothing_is_refused(desk: Desk, said: dict[str, Any]) -> None:
    await staffed(desk, "ann")
    assert (await desk.post("/v1/me/presence", said, role=Role.RESPONDER, subject="ann")).status_code == 422


# ------------------------------------------------------------------------------------------------------------ calendars
async def test_a_desks_calendar_has_every_shift_and_every_gap_and_a_persons_only_theirs(desk: Desk) -> None:
    await staffed(desk, "ann", "bob")
    await put(desk, seat("ann", "bob"), seat(name="second"))
    answer = await desk.get(f"{ROTA}.ics", role=Role.RESPONDER, subject="ann")
    assert answer.headers["content-type"].startswith("text/calendar")
    events = [str(one["summary"]) for one in Calendar.from_ical(answer.content).walk("VEVENT")]
    assert {f"{DESK} first: ann", f"{DESK} first: bob", f"{DESK} second: GAP (nobody_planned)"} == {*events}
    for path, role, subject in (
        ("/v1/me/rota.ics", Role.RESPONDER, "bob"), ("/v1/responders/bob/rota.ics", Role.SUPERVISOR, None),
    ):  # fmt: skip
        mine = await desk.get(path, role=role, subject=subject)
        assert {str(one["summary"]) for one in Calendar.from_ical(mine.content).walk("VEVENT")} == {
            f"{DESK} first: bob"
        }
    assert (await desk.get("/v1/me/rota.ics", role=Role.RESPONDER, subject="zoe")).status_code == 404


async def test_a_calendar_event_lasts_as_long_as_the_shift(desk: Desk) -> None:
    await staffed(desk, "ann", "bob")
    await put(desk, seat("ann", "bob"))
    (now,) = (await of_desk(desk, "/v1/on-duty"))["seats"]
    answer = await desk.get(f"{ROTA}.ics", role=Role.SUPERVISOR)
    times = [
        (one.decoded("dtstart"), one.decoded("dtend")) for one in Calendar.from_ical(answer.content).walk("VEVENT")
    ]
    assert (datetime.fromisoformat(now["begins"]), datetime.fromisoformat(now["ends"])) in times
