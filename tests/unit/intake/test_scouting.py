"""Reading ahead: whatever the door will call P0 the scout has forwarded already, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.envelope import EnvelopeError
from schemas.words import DeadReason
from services.intake.partner_records import Door, forward
from services.intake.rejecting import page, reject
from services.intake.scouting import Scout
from services.rules.detection import detect, prepare
from services.rules.machine import Message
from services.rules.urgent_words import urgent_words
from tests.shipped import CATALOGUE
from tests.unit.detection.sentences import every_sentence
from tests.unit.rules.told import NOW, bodies

prepare()  # reads its words now, so that no example is slower than the others
DOOR = Door("telco", topics.partner("telco").incidents, CATALOGUE)
SCOUT = Scout(DOOR)
BINARY = {
    "ce_specversion": b"1.0",
    "ce_id": b"r-1",
    "ce_source": b"urn:partner:telco:crm",
    "ce_type": b"eu.sameroof.report.v1.submitted",
    "content-type": b"application/json",
}
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:  ")])


def record(value: bytes, headers: dict[str, bytes]) -> Message:
    return Message(DOOR.topic.name, 0, 7, b"k", value, tuple(headers.items()), NOW)


def escaped(text: str) -> str:
    """The same JSON with every letter of its strings spelt as an escape."""
    inside, out = False, []
    for letter in text:
        inside ^= letter == '"'
        out.append(f"\\u{ord(letter):04x}" if inside and letter.isalnum() else letter)
    return "".join(out)


def through_the_door(message: Message) -> tuple[object, ...]:
    """What the door forwards of a record, if that goes on the P0 lane, or its page about a bad one."""
    try:
        return tuple(send for send in forward(DOOR, message, NOW) if send.topic is topics.INCIDENTS_P0)
    except EnvelopeError:
        return page(DOOR, message, NOW)


@given(bodies(), SPACES, st.booleans(), st.booleans())
def test_the_scout_forwards_exactly_what_the_door_will_call_p0(
    body: dict[str, object], spaces: tuple[str, str], spelt: bool, structured: bool
) -> None:
    text = json.dumps(body, separators=spaces)
    headers = dict(BINARY)
    if structured:
        head = ",".join(f'"{name[3:]}":"{raw.decode()}"' for name, raw in BINARY.items() if name.startswith("ce_"))
        text, headers = "{" + head + ',"data":' + text + "}", {"content-type": b"application/cloudevents+json"}
    message = record((escaped(text) if spelt else text).encode(), headers)
    assert SCOUT.ahead(message, NOW) == through_the_door(message)


@given(
    st.sampled_from(sorted(set(every_sentence()))),
    SPACES,
    st.booleans(),
    st.sampled_from(list(CATALOGUE.incidents.codes)),
)
def test_the_scout_reads_whatever_free_text_can_raise(
    said: str, spaces: tuple[str, str], ascii_only: bool, code: str
) -> None:
    body = {"code": code, "personal": {"free_text": said}}
    raw = json.dumps(body, separators=spaces, ensure_ascii=ascii_only)
    told = {"code": code, "signals": sorted({found.signal for found in detect(said, None)})}
    raised = urgent_words(json.dumps(told).encode(), CATALOGUE)
    assert raised is None or urgent_words(raw.encode(), CATALOGUE) is not None


def test_a_bad_record_that_may_be_about_a_life_is_paged_ahead_of_its_turn_as_the_door_will_page_it() -> None:
    message = record(b'{"signals":["self_harm"],}', BINARY)
    *others, page = reject(DOOR, message, DeadReason.BROKEN_JSON, NOW)
    assert SCOUT.ahead(message, NOW) == (page,)
    assert [send.topic.name for send in others] == ["intake.dead", topics.partner("telco").cases.name]


@pytest.mark.parametrize("raw", [b'{"code":"phishing",,', b'{"code":"phishing\\u00e9"'])
def test_other_bad_records_are_left_to_the_door(raw: bytes) -> None:
    assert SCOUT.ahead(record(raw, BINARY), NOW) == ()
