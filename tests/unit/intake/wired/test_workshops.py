"""Group workshops through the door: planned, filled, held; nothing of a track is shown to another, and no mistake passes quietly."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from schemas.envelope import rfc3339
from schemas.words import Role
from services.intake.workshop_calls import CHANGES
from services.rules import ids
from services.runtime.clock import Clock
from tests.shipped import ABLE
from tests.unit.intake.wired.door import Desk

DESK = "psychological-fr"
PLANS = f"/v1/desks/{DESK}/workshops"
S, R = Role.SUPERVISOR, Role.RESPONDER
PREMIUM = {"programme": "phone_harassment_mutual", "valid_from": "2022-01-01", "tier": "premium"}


@pytest.fixture(autouse=True)
async def desk(desk: Desk, clock: Clock) -> AsyncIterator[Desk]:
    """Ann and Bob have the tracks, Lea leads."""
    for who in ("ann", "bob", "lea"):
        body = {"desk_id": DESK, "capacity": 100, "methods": [{"kind": "log"}], **ABLE}
        headers = desk.signer.header(S) | {"If-None-Match": "*"}
        assert (await desk.client.put(f"/v1/responders/{who}", json=body, headers=headers)).status_code == 200
    yield desk
    clock.offset = timedelta(0)


async def victim(desk: Desk, name: str, owner: str, **said: Any) -> str:
    """Somebody's track at the desk."""
    body = {"country": "FR", "language": "fr", "holdings": [PREMIUM]}
    headers = desk.signer.header(Role.AGENT) | {"If-None-Match": "*"}
    household = ids.household_id("town", name)
    assert (await desk.client.put(f"/v1/households/{household}", json=body, headers=headers)).status_code == 200
    case = await desk.reports(name, "malicious_calls", key=name, **said)
    track = str(next(one["track_id"] for one in case["tracks"] if one["pillar"] == "psychological"))
    given = await desk.post(f"/v1/tracks/{track}:assign", {"responder_id": owner, "reason": "agreed"}, role=S)
    assert given.status_code == 200, given.text
    return track


def begins(desk: Desk, hours: float = 2) -> str:
    return rfc3339(desk.wire.clock.now() + timedelta(hours=hours))


async def plan(desk: Desk, **said: Any) -> str:
    """The id of a workshop that Lea leads."""
    body = {"begins": begins(desk), "minutes": 90, "leader": "lea", "seats": 2, **said}
    made = await desk.post(PLANS, body, role=S)
    assert made.status_code == 201, made.text
    return str(made.json()["subject"])


async def tell(desk: Desk, who: str | None, workshop: str, verb: str, **body: Any) -> httpx2.Response:
    """A responder, or a supervisor, changes a workshop."""
    role, subject = (S, None) if who is None else (R, who)
    return await desk.post(f"/v1/workshops/{workshop}:{verb}", body, role=role, subject=subject)


async def shown(desk: Desk, who: str | None = None) -> list[dict[str, Any]]:
    role, subject = (S, None) if who is None else (R, who)
    answer = await desk.get(PLANS, role=role, subject=subject)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["workshops"]
    return found


async def test_a_session_is_planned_filled_held_and_shown_on_each_track_to_its_owner(desk: Desk, clock: Clock) -> None:
    one, two = await victim(desk, "h1", "ann"), await victim(desk, "h2", "bob")
    workshop = await plan(desk)
    for who, track in (("ann", one), ("bob", two)):
        assert (await tell(desk, who, workshop, "invite", tracks=[track])).status_code == 200
    clock.offset += timedelta(hours=3)
    forgotten = await tell(desk, "lea", workshop, "held", attended=[one])
    assert (forgotten.status_code, forgotten.json()["code"]) == (409, "wrong_state")
    assert (await tell(desk, "lea", workshop, "held", attended=[one], missed=[two])).status_code == 200
    track = (await desk.get(f"/v1/tracks/{one}", role=R, subject="ann")).json()
    assert (track["state"], track["responder_id"]) == ("active", "ann")
    assert [(each["workshop_id"], each["state"], each["attendance"]) for each in track["workshops"]] == [
        (workshop, "held", "attended")
    ]
    assert two not in str(track)
    promises = {each["kind"]: each["state"] for each in track["clocks"]}
    assert (promises.get("first_response"), promises["next_contact"]) == (None, "running")


async def test_a_responder_sees_their_own_tracks_and_who_leads_all(desk: Desk) -> None:
    one, two = await victim(desk, "h1", "ann"), await victim(desk, "h2", "bob")
    workshop = await plan(desk)
    await tell(desk, None, workshop, "invite", tracks=[one, two])
    seen = {who: {each["track_id"] for each in (await shown(desk, who))[0]["tracks"]} for who in ("ann", "bob", "lea")}
    assert seen == {"ann": {one}, "bob": {two}, "lea": {one, two}}
    ((supervisor,), (ann,)) = await shown(desk), await shown(desk, "ann")
    assert {each["track_id"] for each in supervisor["tracks"]} == {one, two}
    assert (ann["free"], ann["seats"]) == (0, 2)
    sheet = (await desk.get(f"/v1/desks/{DESK}/handover", role=S)).json()
    assert [each["workshop_id"] for each in sheet["workshops"]] == [workshop]


async def test_those_to_come_are_shown_first_the_soonest_of_all(desk: Desk, clock: Clock) -> None:
    past, late, soon = (
        await plan(desk),
        await plan(desk, begins=begins(desk, 9)),
        await plan(desk, begins=begins(desk, 5)),
    )
    clock.offset += timedelta(hours=3)
    assert [each["workshop_id"] for each in await shown(desk)] == [soon, late, past]


async def test_a_case_that_became_covert_while_somebody_had_it_is_neither_invited_nor_shown(
    desk: Desk, clock: Clock
) -> None:
    one, two = await victim(desk, "h1", "ann"), await victim(desk, "h2", "ann")
    workshop = await plan(desk)
    assert (await tell(desk, "ann", workshop, "invite", tracks=[one])).status_code == 200
    for track in (one, two):
        case = (await desk.get(f"/v1/tracks/{track}", role=R, subject="ann")).json()["case_id"]
        told = await desk.case(case)
        body = {"facts": {"covert": True}}
        changed = await desk.post(f"/v1/cases/{case}:update", body, If_Match=f'"{told["version"]}"')
        assert changed.status_code == 200, changed.text
    refused = await tell(desk, "ann", workshop, "invite", tracks=[two])
    assert (refused.status_code, refused.json()["code"]) == (422, "not_eligible")
    for who in (None, "lea", "bob"):
        assert (await shown(desk, who))[0]["tracks"] == []
    clock.offset += timedelta(hours=3)
    assert (await tell(desk, "lea", workshop, "held")).status_code == 200  # nobody has to name what nobody may know of


async def test_it_can_be_tried_repeated_and_cancelled(desk: Desk) -> None:
    body = {"begins": begins(desk), "minutes": 60}
    tried = await desk.post(f"{PLANS}?dry_run=true", body, role=R, subject="lea", Idempotency_Key="one")
    assert (tried.status_code, await shown(desk)) == (200, [])
    first, again = [await desk.post(PLANS, body, role=R, subject="lea", Idempotency_Key="one") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    ((there,),) = (await shown(desk),)
    assert (there["leader"], there["seats"]) == ("lea", 12)
    workshop = there["workshop_id"]
    stale = await desk.post(f"/v1/workshops/{workshop}:cancel", {"reason": "ill"}, role=S, If_Match='"7"')
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    assert (await tell(desk, "lea", workshop, "cancel", reason="ill")).status_code == 200
    late = await tell(desk, "lea", workshop, "held")
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    assert [(each["state"], each["reason"]) for each in await shown(desk)] == [("cancelled", "ill")]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"seats": 13}, "#/seats"),
        ({"minutes": 181}, "#/minutes"),
        ({"begins": "tomorrow"}, "#/begins"),
        ({"leader": None}, "#/leader"),
        ({"where": "town hall"}, "#"),
    ],
)
async def test_what_is_wrong_with_a_plan_is_named_by_its_place(desk: Desk, said: dict[str, Any], place: str) -> None:
    body = {"begins": begins(desk), "minutes": 60, "leader": "lea", **said}
    answer = await desk.post(PLANS, body, role=S)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [place])


@pytest.mark.parametrize("verb", CHANGES)
async def test_who_is_not_of_the_desk_changes_and_sees_nothing(desk: Desk, verb: str) -> None:
    workshop = await plan(desk)
    said: dict[str, Any] = {"held": {}, "cancel": {"reason": "no"}}.get(verb, {"tracks": ["t"]})
    assert (await tell(desk, "stranger", workshop, verb, **said)).status_code == 404
    assert (await tell(desk, None, "nowhere", verb, **said)).status_code == 404
    assert (await desk.post(f"/v1/workshops/{workshop}:{verb}", said)).status_code == 403
    assert (await desk.get(PLANS, role=R, subject="stranger")).status_code == 404
    unknown = await tell(desk, None, workshop, verb, **said, zz=1)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#")


async def test_a_plan_of_the_past_is_refused_and_a_repeated_one_is_not(desk: Desk, clock: Clock) -> None:
    body = {"begins": begins(desk), "minutes": 60}
    first = await desk.post(PLANS, body, role=R, subject="lea", Idempotency_Key="one")
    clock.offset += timedelta(hours=3)
    again = await desk.post(PLANS, body, role=R, subject="lea", Idempotency_Key="one")
    assert (again.status_code, again.json()["subject"]) == (201, first.json()["subject"])
    late = await desk.post(PLANS, body, role=R, subject="lea", Idempotency_Key="two")
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    assert "not in the future" in late.json()["detail"]


async def test_nobody_both_attended_and_missed(desk: Desk) -> None:
    answer = await tell(desk, None, await plan(desk), "held", attended=["t"], missed=["t"])
    assert answer.status_code == 422
