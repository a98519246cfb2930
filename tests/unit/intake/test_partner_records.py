"""What a partner's record becomes: pure, so that what no broker can be made to hold is tried here."""

import re
from ast import literal_eval
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas import catalogue, topics
from schemas.cases import CaseRecord
from schemas.envelope import EnvelopeError, Event
from schemas.partners import PartnerCaseUpdated
from schemas.reports import ReportSubmitted
from schemas.words import Band, DeadReason
from services.intake.partner_records import Door, forward
from services.intake.partner_updates import update
from services.intake.rejecting import reject
from services.rules.machine import Message
from tests.shipped import CATALOGUE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DOORS = topics.partner("telco")
DOOR = Door("telco", DOORS.incidents, CATALOGUE)
HEADERS = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"r-1"),
    ("ce_source", b"urn:partner:telco:crm"),
    ("ce_type", b"eu.sameroof.report.v1.submitted"),
    ("content-type", b"application/json"),
)


def record(value: bytes, *, age: timedelta = timedelta(0)) -> Message:
    return Message(DOORS.incidents.name, 0, 7, b"k", value, HEADERS, NOW - age)


def test_a_record_older_than_ids_are_remembered_is_too_old() -> None:
    with pytest.raises(EnvelopeError) as refused:
        forward(DOOR, record(b'{"code":"phishing"}', age=timedelta(days=90, seconds=1)), NOW)
    assert refused.value.reason == "too_old"
    assert len(forward(DOOR, record(b'{"code":"phishing"}', age=timedelta(days=89)), NOW)) == 1


def test_a_p0_that_is_too_old_is_paged() -> None:
    sent = reject(DOOR, record(b'{"signals":["self_harm"]}'), refused_reason(), NOW)
    assert [send.topic.name for send in sent] == ["intake.dead", DOORS.cases.name, "notices"]


def refused_reason() -> DeadReason:
    with pytest.raises(EnvelopeError) as refused:
        forward(DOOR, record(b'{"signals":["self_harm"]}', age=timedelta(days=200)), NOW)
    return refused.value.reason


def test_the_same_record_becomes_the_same_bytes_whenever_it_is_read() -> None:
    later = NOW + timedelta(hours=5)
    message = record(b'{"code":"phishing","household_reference":"h"}')
    assert forward(DOOR, message, NOW) == forward(DOOR, message, later)


def test_the_report_in_the_documentation_is_taken_as_it_stands() -> None:
    text = (Path(__file__).parents[3] / "docs" / "partners.md").read_text("utf-8")
    (body,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    (headers,) = re.findall(r"headers = (\{.*?\})", text, re.DOTALL)
    told = tuple((name, value.encode()) for name, value in literal_eval(headers).items())
    (sent,) = forward(DOOR, replace(record(body.encode()), headers=told), NOW)
    assert isinstance(sent.body, Event)
    report = sent.body.data
    assert isinstance(report, ReportSubmitted)
    assert (report.flags, report.body.code, report.report_id) == ((), "phone_number_usurpation", "T-7731-1")


# ------------------------------------------------------------------------------------------------- what a partner is told


def case(**facts: object) -> Message:
    told = {
        "case_id": "c-1", "household_id": "h-1", "version": 3, "state": "dispatched", "band": "P1", "code": "phishing",
        "channel": "partner", "partner_id": "telco", "partner_reference": "ref-1", "received_at": NOW, "opened_at": NOW,
        "changed_at": NOW, "catalogue": "x", "tracks": (),
    }  # fmt: skip
    value = CaseRecord.model_validate(told | facts).model_dump_json().encode()
    return Message("cases", 0, 1, b"c-1", value, (), NOW)


def track(state: str, due: datetime | None = None, clock: str = "running") -> dict[str, object]:
    clocks = () if due is None else ({"kind": "resolve", "started_at": NOW, "due": due, "epoch": 1, "state": clock},)
    return {
        "track_id": state, "pillar": "legal", "desk_id": "legal-fr", "lead": True, "state": state, "desk_epoch": 1,
        "dispatched_at": NOW, "clocks": clocks,
    }  # fmt: skip


def told(message: Message) -> PartnerCaseUpdated:
    (send,) = update(message, ("telco",))
    assert send.topic.name == DOORS.cases.name
    assert isinstance(send.body, Event)
    assert isinstance(send.body.data, PartnerCaseUpdated)
    return send.body.data


def test_a_partner_is_told_reference_status_and_times_and_nothing_else() -> None:
    due = NOW + timedelta(days=2)
    tracks = (
        track("active", due),
        track("offered", NOW + timedelta(days=1)),
        track("done", NOW + timedelta(days=9), "met"),
    )
    found = told(case(tracks=tracks)).model_dump(exclude_none=True)
    assert found == {
        "partner_reference": "ref-1", "case_id": "c-1", "status": "inProgress", "expected_resolution": due, "changed_at": NOW,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"state": "received"}, "acknowledged"),
        ({"state": "resolved"}, "resolved"),
        ({"state": "closed"}, "closed"),
        ({"tracks": (track("waiting_victim"), track("done"))}, "pending"),
        ({"tracks": (track("waiting_victim"), track("active"))}, "inProgress"),
        ({"tracks": (track("done"),)}, "inProgress"),
    ],
)
def test_our_states_become_a_partners_words(facts: dict[str, object], status: str) -> None:
    assert told(case(**facts)).status == status


@pytest.mark.parametrize(
    "facts",
    [{"covert": True}, {"partner_id": "other"}, {"partner_id": None}, {"channel": "agent"}],
    ids=["covert", "somebody else's", "nobody's", "an agent's"],
)
def test_other_cases_are_not_told(facts: dict[str, object]) -> None:
    assert update(case(**facts), ("telco",)) == ()


def test_a_removed_case_is_not_told() -> None:
    assert update(Message("cases", 0, 1, b"c-1", None, (), NOW), ("telco",)) == ()


def test_each_version_has_one_event_id() -> None:
    def event_id(message: Message) -> str:
        (send,) = update(message, ("telco",))
        assert isinstance(send.body, Event)
        return send.body.id

    assert event_id(case()) == event_id(case())
    assert event_id(case(version=4)) != event_id(case())


def test_a_report_takes_the_p0_lane_when_any_release_at_hand_would_make_it_p0() -> None:
    calm = CATALOGUE
    phishing = calm.incidents.codes["phishing"].model_copy(update={"base": Band.P0})
    codes = {**calm.incidents.codes, "phishing": phishing}
    strict = calm.model_copy(
        update={"version": "0123456789abcdef", "incidents": calm.incidents.model_copy(update={"codes": codes})}
    )
    others = catalogue.Releases(
        calm, [strict, calm.model_copy(update={"version": "fedcba9876543210"})]
    ).judging_otherwise
    assert [one.version for one in others] == [strict.version]
    lanes = [forward(replace(DOOR, others=told), record(b'{"code":"phishing"}'), NOW)[0].topic for told in ((), others)]
    assert lanes == [topics.INCIDENTS, topics.INCIDENTS_P0]
