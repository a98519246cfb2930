"""What a call does not understand it refuses or tells: a mistyped word never loses a safety signal, nor stops a clock."""

from typing import Any

import pytest

from schemas.words import Role
from services.intake.case_deeds import DEEDS
from services.rules import ids
from tests.unit.intake.wired.door import Desk

LINK = {"kind": "related", "reason": "same_thing"}
SAID: dict[str, dict[str, Any]] = {
    "update": {"facts": {"language": "nl"}}, "raise": {"band": "P0", "reason": "heard"},
    "lower": {"band": "P3", "reason": "quiet"}, "close": {"reason": "well"}, "reopen": {"reason": "again"},
    "merge": {"into_case_id": ids.derived("case"), "reason": "same"}, "split": {"code": "threat", "reason": "two"},
    "link": {"other_case_id": ids.derived("case"), **LINK}, "place": {"household_id": ids.derived("household")},
    "reroute": {"pillar": "technical", "region": "be", "reason": "dutch"},
}  # fmt: skip
FREE = "her sister Ann said so"


async def told(desk: Desk, path: str, body: object, *, role: Role = Role.AGENT, **headers: str) -> list[dict[str, str]]:
    """The places of a call that is refused with 422."""
    answer = await desk.post(path, body, role=role, **headers)
    assert answer.status_code == 422, answer.text
    errors: list[dict[str, str]] = answer.json()["errors"]
    return errors


async def changes_nothing(desk: Desk, case: dict[str, Any], verb: str, body: dict[str, Any]) -> list[dict[str, str]]:
    """The places a deed is refused at; its case stays as it was."""
    path = f"/v1/cases/{case['case_id']}"
    errors = await told(desk, f"{path}:{verb}", body, If_Match=f'"{case["version"]}"')
    assert (await desk.case(case["case_id"]))["version"] == case["version"]
    return errors


@pytest.mark.parametrize("verb", DEEDS)
async def test_no_deed_takes_a_field_that_it_does_not_know(desk: Desk, verb: str) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    (error,) = await changes_nothing(desk, case, verb, SAID[verb] | {"zz": 1})
    assert error["pointer"] == "#"
    assert all(name in error["detail"] for name in SAID[verb])
    assert "zz" not in error["detail"]


async def test_a_safety_signal_beside_the_facts_is_refused_and_not_lost(desk: Desk) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    (error,) = await changes_nothing(desk, case, "update", {"signals": ["physical_danger"]})
    assert (error["pointer"], "facts" in error["detail"]) == ("#", True)


@pytest.mark.parametrize(
    "body", [{}, {"facts": {}}, {"reason": "why"}, {"facts": {"amout_minor": 12}}, {"facts": {"covert": False}}]
)
async def test_an_update_that_says_nothing_known_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    (error,) = await changes_nothing(desk, case, "update", body)
    assert error == {"pointer": "#", "detail": "says nothing that is known here"}


STRANGE: dict[str, Any] = {
    "language": "nl", "amout_minor": 12, "a/b": 1, "facts": {"weapn": True, "weapon": True}, "personal": {"free_txt": "x"},
}  # fmt: skip
PLACES = {"/amout_minor", "/a~1b", "/personal/free_txt", "/facts/weapn"}


async def test_an_update_names_what_it_did_not_understand(desk: Desk) -> None:
    case = await desk.reports("h1", "threat", key="a")
    answer = await desk.post(f"/v1/cases/{case['case_id']}:update", {"facts": STRANGE})
    assert answer.status_code == 200
    assert set(answer.json()["unknown_fields"]) == {f"#/facts{place}" for place in PLACES}


async def test_a_report_names_what_it_did_not_understand_and_does_so_again(desk: Desk) -> None:
    first, again = [await desk.reports("h1", "threat", key="a", **STRANGE) for _ in range(2)]
    assert set(first["unknown_fields"]) == {f"#{place}" for place in PLACES}
    assert "unknown_field" in first["flags"]
    assert again == first


async def test_what_is_understood_has_nothing_unknown_in_its_answer(desk: Desk) -> None:
    case = await desk.reports("h1", "threat", key="a", facts={"weapon": False})
    updated = await desk.post(f"/v1/cases/{case['case_id']}:update", {"facts": {"facts": {"weapon": True}}})
    assert ("unknown_fields" in case, "unknown_fields" in updated.json()) == (False, False)


async def test_a_name_too_long_to_be_one_is_not_repeated(desk: Desk) -> None:
    case = await desk.reports("h1", "threat", key="a", **{"x" * 65: 1})
    assert case["unknown_fields"] == ["#"]


@pytest.mark.parametrize("verb", [verb for verb, body in SAID.items() if "reason" in body])
@pytest.mark.parametrize("reason", [FREE, "Heard", "é", "", "x" * 65, 7])
async def test_a_reason_is_a_code_and_free_words_are_sent_to_a_note(desk: Desk, verb: str, reason: object) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    (error,) = await changes_nothing(desk, case, verb, SAID[verb] | {"reason": reason})
    assert (error["pointer"], "free words belong in a note" in error["detail"]) == ("#/reason", True)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("offers/{}:decline", {"reason": FREE}, "#/reason"),
        ("tracks/{}:done", {"result": FREE}, "#/result"),
        ("tracks/{}:handover", {"result": FREE}, "#/result"),
        ("tracks/{}/notes", {"text": "x", "milestone": FREE}, "#/milestone"),
        ("tracks/{}:assign", {"responder_id": "r", "reason": FREE}, "#/reason"),
    ],
)
async def test_no_code_of_the_desks_is_free_words_either(
    desk: Desk, path: str, body: dict[str, Any], pointer: str
) -> None:
    role = Role.SUPERVISOR if path.endswith("assign") else Role.RESPONDER
    (error,) = await told(desk, f"/v1/{path.format('any')}", body, role=role)
    assert (error["pointer"], "free words belong in a note" in error["detail"]) == (pointer, True)


async def at_work(desk: Desk) -> tuple[str, str]:
    """A case and its track, which its responder has accepted."""
    supervisor = desk.signer.header(Role.SUPERVISOR) | {"If-None-Match": "*"}
    entry = {"desk_id": "technical-fr", "languages": ["fr"], "methods": [{"kind": "log"}]}
    assert (await desk.client.put("/v1/responders/me", json=entry, headers=supervisor)).status_code == 200
    me: dict[str, Any] = {"role": Role.RESPONDER, "subject": "me"}
    assert (await desk.post("/v1/me/presence", {"presence": "available"}, **me)).status_code == 200
    case = await desk.reports("h1", "unclassified_suspicion", key="a", country="FR", language="fr")
    (offer,) = (await desk.get("/v1/me/offers", **me)).json()["offers"]
    assert (await desk.post(f"/v1/offers/{offer['offer_id']}:accept", **me)).status_code == 200
    return str(case["case_id"]), f"/v1/tracks/{offer['track_id']}"


async def works(desk: Desk, path: str, body: object) -> int:
    return (await desk.post(path, body, role=Role.RESPONDER, subject="me")).status_code


async def promised(desk: Desk, case_id: str) -> dict[str, str]:
    (track,) = (await desk.case(case_id))["tracks"]
    return {one["kind"]: one["state"] for one in track["clocks"]}


@pytest.mark.parametrize("result", ["no_answer", "voicemail", "refused"])
async def test_only_who_spoke_with_the_victim_gave_a_first_response(desk: Desk, result: str) -> None:
    case_id, track = await at_work(desk)
    assert await works(desk, f"{track}:contacted", {"result": result}) == 200
    assert (await promised(desk, case_id))["first_response"] == "running"
    assert await works(desk, f"{track}:contacted", {"result": "spoke"}) == 200
    assert "first_response" not in await promised(desk, case_id)


@pytest.mark.parametrize(("whom", "state"), [("victim", "waiting_victim"), ("third_party", "waiting_third_party")])
async def test_who_waits_says_for_whom(desk: Desk, whom: str, state: str) -> None:
    case_id, track = await at_work(desk)
    assert await works(desk, f"{track}:contacted", {"result": "spoke"}) == 200
    assert await works(desk, f"{track}:wait", {"for": whom}) == 200
    (shown,) = (await desk.case(case_id))["tracks"]
    assert shown["state"] == state


@pytest.mark.parametrize(
    ("verb", "body", "pointer"),
    [
        ("wait", {}, "#/for"),
        ("wait", {"for": "police"}, "#/for"),
        ("wait", {"result": "third_party"}, "#/for"),
        ("contacted", {}, "#/result"),
        ("contacted", {"result": "left_a_message"}, "#/result"),
        ("contacted", {"result": "kept"}, "#/result"),
    ],
)
async def test_a_clock_is_stopped_or_paused_by_no_word_that_was_not_said(
    desk: Desk, verb: str, body: dict[str, str], pointer: str
) -> None:
    case_id, track = await at_work(desk)
    before = await desk.case(case_id)
    (error,) = await told(desk, f"{track}:{verb}", body, role=Role.RESPONDER)
    assert error["pointer"] == pointer
    assert await desk.case(case_id) == before


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/tracks/any/notes", {"text": "x", "seald": True}), ("/v1/cases/any/notes", {"text": "x", "sealed": True})],
)
async def test_a_note_takes_no_field_it_does_not_know(desk: Desk, path: str, body: dict[str, Any]) -> None:
    role = Role.RESPONDER if "tracks" in path else Role.AGENT
    (error,) = await told(desk, path, body, role=role)
    assert error["pointer"] == "#"


async def test_a_campaign_takes_no_field_it_does_not_know_and_its_reports_stay_tolerant(desk: Desk) -> None:
    reports = [{"code": "doxxing", "amout_minor": 1}]
    (error,) = await told(desk, "/v1/incidents:bulk", {"reports": reports, "campain_id": "c"}, Idempotency_Key="n")
    assert error["pointer"] == "#"
    answer = await desk.post("/v1/incidents:bulk", {"reports": reports}, Idempotency_Key="m")
    assert answer.status_code == 201


async def test_who_may_close_a_safety_signal_is_said_with_the_refusal(desk: Desk) -> None:
    case = await desk.reports("h1", "threat", key="a", signals=["self_harm"])
    said = {"closed_signals": ["self_harm"], "reason": "doctor_there"}
    answer = await desk.post(f"/v1/cases/{case['case_id']}:update", said)
    assert (answer.status_code, answer.json()["detail"]) == (403, "self_harm is closed by: responder, supervisor")


@pytest.mark.parametrize(
    ("verb", "field"), [("merge", "into_case_id"), ("link", "other_case_id"), ("place", "household_id")]
)
async def test_a_target_that_is_malformed_or_not_there_is_named_by_its_place(desk: Desk, verb: str, field: str) -> None:
    case = await desk.reports(None, "phishing", key="a")
    (error,) = await changes_nothing(desk, case, verb, SAID[verb] | {field: "nowhere"})
    assert error == {"pointer": f"#/{field}", "detail": "must be a UUID in lower case"}
    path = f"/v1/cases/{case['case_id']}:{verb}"
    missing = await desk.post(path, SAID[verb], If_Match=f'"{case["version"]}"')
    assert (missing.status_code, [one["pointer"] for one in missing.json()["errors"]]) == (404, [f"#/{field}"])


async def test_a_covert_target_is_told_from_none_by_nothing(desk: Desk) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    covert = await desk.reports("h1", "threat", key="b", covert=True, personal={"code_word": "heron"})
    path = f"/v1/cases/{case['case_id']}:link"
    hidden = await desk.post(path, {"other_case_id": covert["case_id"], **LINK})
    nothing = await desk.post(path, {"other_case_id": ids.derived("none"), **LINK})
    assert (hidden.status_code, hidden.json()) == (404, nothing.json())


@pytest.mark.parametrize("verb", [verb for verb, deed in DEEDS.items() if deed.guarded])
async def test_a_deed_that_needs_a_version_says_which(desk: Desk, verb: str) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    answer = await desk.post(f"/v1/cases/{case['case_id']}:{verb}", SAID[verb])
    assert (answer.status_code, answer.json()["detail"]) == (428, "needs If-Match with the version you read")


async def test_part_of_a_case_is_split_off_by_codes_that_exist(desk: Desk) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    (error,) = await changes_nothing(desk, case, "split", SAID["split"] | {"secondary_codes": ["shoe_theft"]})
    assert error["pointer"] == "#/secondary_codes/0"
