"""The partner's doors: what goes through, what is refused, and that both end somewhere, on a real broker with another Kafka client."""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Producer

from deploy.local.kafka import provide
from schemas import topics
from schemas.commands import HouseholdPut
from schemas.envelope import decode
from schemas.messages import read
from schemas.notices import NoticeIssued
from schemas.partners import RejectionRaised
from schemas.reports import ReportSubmitted
from services.rules import ids
from tests.contracts.bad_input.corpus import Case, cases
from tests.stage.dumps import Kept, dump
from tests.stage.fleet import Member, wait_until
from tests.stage.product import PARTNER, Product, product

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
DOORS = topics.partner(PARTNER)
SUBMITTED = "eu.sameroof.report.v1.submitted"
SNAPSHOT = "eu.sameroof.household.v1.snapshot"
SOURCE = f"urn:partner:{PARTNER}:crm"
Headers = list[tuple[str, str | bytes | None]]


def binary(identity: str, *, source: str = SOURCE, type_: str = SUBMITTED) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", identity.encode()),
        ("ce_source", source.encode()),
        ("ce_type", type_.encode()),
        ("content-type", b"application/json"),
    ]


STRUCTURED: Headers = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def structured(identity: str, data: object, **attributes: object) -> bytes:
    event = {"specversion": "1.0", "id": identity, "source": SOURCE, "type": SUBMITTED, "data": data, **attributes}
    return json.dumps(event).encode()


@dataclass
class Partner:
    """A partner's own client, and what came of its records."""

    town: Product

    def __post_init__(self) -> None:
        servers = self.town.broker.bootstrap_servers
        self._producer = Producer({"bootstrap.servers": servers, "acks": "all", "message.max.bytes": 1_900_000})

    def publish(
        self, value: bytes | None, headers: Headers, *, topic: topics.Topic = DOORS.incidents
    ) -> tuple[int, int]:
        """Partition and offset."""
        placed: list[tuple[int, int]] = []

        def noted(problem: object, record: Any) -> None:
            assert problem is None, problem
            placed.append((record.partition(), record.offset()))

        self._producer.produce(topic.name, value, key=uuid4().hex, headers=headers, on_delivery=noted)
        assert self._producer.flush(20) == 0
        return placed[0]

    def read(self, *names: str) -> list[Kept]:
        return dump(self.town.broker.bootstrap_servers, *names)

    def forwarded(self, *lanes: str) -> list[ReportSubmitted]:
        """Every report forwarded on these lanes, as often as it was."""
        kept = self.read(*lanes)
        found = [read(record.value, tuple(record.headers.items())).data for record in kept]
        return [report for report in found if isinstance(report, ReportSubmitted)]

    def reports(self) -> dict[str, ReportSubmitted]:
        """By report id."""
        return {report.report_id: report for report in self.forwarded("incidents", "incidents.p0")}

    def letters(self) -> dict[tuple[str, int, int], Kept]:
        """Dead letters by where the record lay; asserts one for each."""
        letters = self.read("intake.dead")
        places = {
            (told["dead_topic"].decode(), int(told["dead_partition"]), int(told["dead_offset"])): letter
            for letter in letters
            for told in [letter.headers]
        }
        assert len({letter.headers["dead_id"] for letter in letters}) == len(letters) == len(places)
        return places

    def rejections(self) -> dict[tuple[str, int, int], str]:
        raised = [read(record.value, tuple(record.headers.items())).data for record in self.read(DOORS.cases.name)]
        found = [one for one in raised if isinstance(one, RejectionRaised)]
        return {(one.topic, one.partition, one.offset): one.reason.value for one in found}

    def pages(self) -> list[NoticeIssued]:
        kept = [read(record.value, tuple(record.headers.items())).data for record in self.read("notices")]
        return [one for one in kept if isinstance(one, NoticeIssued)]

    def good(self, **facts: object) -> str:
        """Publishes a report nobody could refuse; its id."""
        identity = uuid4().hex
        self.publish(json.dumps({"code": "phishing", **facts}).encode(), binary(identity))
        return identity

    def until_dead(self, place: tuple[int, int], topic: topics.Topic = DOORS.incidents) -> Kept:
        wait_until("it is a dead letter", lambda: (topic.name, *place) in self.letters())
        return self.letters()[topic.name, *place]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """On a broker of its own: the tests read whole topics."""
    broker = provide()
    try:
        with product(broker, tmp_path_factory.mktemp("gateway")) as running:
            yield running
    finally:
        broker.close()


@pytest.fixture(scope="module")
def gateway(town: Product) -> Member:
    return town.start("gateway-0", "services.intake", "gateway").wait_ready()


@pytest.fixture
def partner(town: Product, gateway: Member) -> Partner:
    return Partner(town)


# ---------------------------------------------------------------------------------------------------- the corpus


def test_the_bus_gives_the_verdict_that_http_gives_on_every_bad_input(partner: Partner) -> None:
    neighbours, told = [], {}
    for case in cases():
        identity = uuid4().hex
        told[identity] = case, partner.publish(case.body, binary(identity))
        neighbours.append(partner.good())
    wait_until("the neighbours are through", lambda: set(neighbours) <= partner.reports().keys())
    reports, letters, rejections = partner.reports(), partner.letters(), partner.rejections()
    for lane, most in ((("incidents",), 1), (("incidents.p0",), 2)):  # what is urgent by the scout and by the door
        times = Counter(report.report_id for report in partner.forwarded(*lane))
        assert max(times[identity] for identity in [*told, *neighbours]) <= most
    for identity, (case, place) in told.items():
        where = (DOORS.incidents.name, *place)
        letter = letters.get(where)
        assert verdict(case, reports.get(identity), letter) == (case.expect, case.flags), case.name
        assert rejections.get(where, "accepted") == case.expect, case.name
        assert letter is None or letter.value == case.body, "the original bytes are kept"


def verdict(case: Case, report: ReportSubmitted | None, letter: Kept | None) -> tuple[str, frozenset[str]]:
    assert (report is None) != (letter is None), f"{case.name}: either forwarded or dead"
    if report is not None:
        return "accepted", frozenset(flag.value for flag in report.flags)
    assert letter is not None
    return letter.headers["dead_reason"].decode(), frozenset()


def test_structured_mode_gives_the_same_verdict_wherever_a_body_can_be_put_in_an_event(partner: Partner) -> None:
    told = {}
    for case in cases():
        identity = uuid4().hex
        try:
            body = case.body.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if case.expect == "too_large" or not body.strip().startswith("{"):
            continue
        event = structured(identity, None).replace(b'"data": null', b'"data": ' + body.encode())
        told[identity] = case, partner.publish(event, STRUCTURED)
    last = partner.good()
    wait_until("all are through", lambda: last in partner.reports())
    reports, letters = partner.reports(), partner.letters()
    for identity, (case, place) in told.items():
        found = verdict(case, reports.get(identity), letters.get((DOORS.incidents.name, *place)))
        assert found == (case.expect, case.flags), case.name
    assert len(told) > 40


# ------------------------------------------------------------------------------------------------ only on the bus


ENVELOPES: dict[str, tuple[bytes | None, Headers, str]] = {
    "no value": (None, binary("e-1"), "broken_envelope"),
    "no headers": (b'{"code":"phishing"}', [], "broken_envelope"),
    "no id": (b'{"code":"phishing"}', [header for header in binary("x") if header[0] != "ce_id"], "broken_envelope"),
    "an id of 200 letters": (b'{"code":"phishing"}', binary("i" * 200), "broken_envelope"),
    "an id with spaces": (b'{"code":"phishing"}', binary("a b"), "broken_envelope"),
    "an id twice": (b'{"code":"phishing"}', [*binary("e-2"), ("ce_id", b"e-3")], "duplicate_key"),
    "an id that is not UTF-8": (b'{"code":"phishing"}', [*binary("")[:1], ("ce_id", b"\xff"), *binary("")[2:]], "broken_envelope"),
    "another version": (b'{"code":"phishing"}', [("ce_specversion", b"0.3"), *binary("e-4")[1:]], "broken_envelope"),
    "another content type": (b"code=phishing", [*binary("e-5")[:4], ("content-type", b"text/plain")], "broken_envelope"),
    "a type of another door": (b'{"reference":"h"}', binary("e-6", type_=SNAPSHOT), "unknown_type"),
    "a type nobody knows": (b'{"code":"phishing"}', binary("e-7", type_="eu.sameroof.report.v9.submitted"), "unknown_type"),
    "somebody else's source": (b'{"code":"phishing"}', binary("e-8", source="urn:partner:other:crm"), "false_sender"),
    "a source like theirs": (b'{"code":"phishing"}', binary("e-9", source=f"urn:partner:{PARTNER}x:crm"), "false_sender"),
    "our own source": (b'{"code":"phishing"}', binary("e-10", source="urn:sameroof:intake"), "false_sender"),
    "structured without data": (b'{"specversion":"1.0","id":"e-11"}', STRUCTURED, "broken_envelope"),
    "structured, not JSON": (b"{", STRUCTURED, "broken_json"),
    "structured, a key twice": (b'{"specversion":"1.0","specversion":"1.0","data":{}}', STRUCTURED, "duplicate_key"),
    "structured with ce_ headers beside it": (b"{}", [*STRUCTURED, *binary("e-12")[:4]], "broken_envelope"),
    "structured base64": (
        json.dumps({"specversion": "1.0", "data_base64": base64.b64encode(b"{}").decode()}).encode(), STRUCTURED, "broken_envelope",
    ),
}  # fmt: skip


def test_a_broken_envelope_is_one_dead_letter_with_its_reason(partner: Partner) -> None:
    placed = {name: partner.publish(value, headers) for name, (value, headers, _) in ENVELOPES.items()}
    last = partner.good()
    wait_until("all are through", lambda: last in partner.reports())
    letters = partner.letters()
    found = {
        name: letters[DOORS.incidents.name, *place].headers["dead_reason"].decode() for name, place in placed.items()
    }
    assert found == {name: reason for name, (_, _, reason) in ENVELOPES.items()}


def test_a_body_that_claims_another_partner_is_a_false_sender(partner: Partner) -> None:
    place = partner.publish(b'{"code":"phishing","partner_id":"other"}', binary(uuid4().hex))
    assert partner.until_dead(place).headers["dead_reason"] == b"false_sender"


# ------------------------------------------------------------------------------------------------- what is forwarded


def test_a_report_keeps_the_partners_id_and_its_receipt_is_the_brokers(partner: Partner) -> None:
    identity = uuid4().hex
    body = {"code": "phishing", "household_reference": "h-1", "partner_reference": "r-1"}
    partition, offset = partner.publish(json.dumps(body).encode(), binary(identity))
    wait_until("it is forwarded", lambda: identity in partner.reports())
    report = partner.reports()[identity]
    appended = next(r for r in partner.read(DOORS.incidents.name) if (r.partition, r.offset) == (partition, offset))
    assert (report.source, report.partner_id, report.channel) == (SOURCE, PARTNER, "partner")
    assert report.household_id == ids.household_id(PARTNER, "h-1")
    assert int(report.received_at.timestamp() * 1000) == appended.append_ms
    assert not report.answer


def test_a_report_published_twice_is_the_same_event_twice(partner: Partner) -> None:
    identity = uuid4().hex
    for _ in range(2):
        partner.publish(b'{"code":"phishing","household_reference":"h-2"}', binary(identity))
    mine = ids.derived("report-event", SOURCE, identity)

    def forwarded() -> list[Kept]:
        return [r for r in partner.read("incidents") if r.headers["ce_id"].decode() == mine]

    wait_until("both are forwarded", lambda: len(forwarded()) == 2)
    assert len({(record.key, record.partition) for record in forwarded()}) == 1


@pytest.mark.parametrize("door", [DOORS.incidents, DOORS.incidents_p0], ids=lambda door: door.name)
def test_the_band_chooses_the_lane_whatever_the_door(partner: Partner, door: topics.Topic) -> None:
    urgent, calm = uuid4().hex, uuid4().hex
    partner.publish(b'{"code":"bank_fraud","signals":["money_leaving"]}', binary(urgent), topic=door)
    partner.publish(b'{"code":"phishing"}', binary(calm), topic=door)
    lanes: dict[str, str] = {}

    def both() -> bool:
        for record in partner.read("incidents", "incidents.p0"):
            lanes[str(json.loads(record.value or b"")["report_id"])] = record.topic
        return {urgent, calm} <= lanes.keys()

    wait_until("both are forwarded", both)
    assert (lanes[urgent], lanes[calm]) == ("incidents.p0", "incidents")


def test_a_household_becomes_a_command_to_its_single_writer(partner: Partner) -> None:
    reference = uuid4().hex
    body = {"reference": reference, "country": "BE", "holdings": [{"programme": "cyber", "valid_from": "2026-01-01"}]}
    partner.publish(json.dumps(body).encode(), binary(uuid4().hex, type_=SNAPSHOT), topic=DOORS.households)
    household = ids.household_id(PARTNER, reference)

    def put() -> list[Kept]:
        return [record for record in partner.read("commands") if record.key == household]

    wait_until("the command is there", put)
    command = read(put()[0].value, tuple(put()[0].headers.items())).data
    assert isinstance(command, HouseholdPut)
    assert (command.body.partner_id, command.body.reference, command.actor.id) == (PARTNER, reference, PARTNER)


def test_a_household_that_claims_another_partner_is_a_dead_letter(partner: Partner) -> None:
    body = b'{"reference":"h","partner_id":"other"}'
    place = partner.publish(body, binary(uuid4().hex, type_=SNAPSHOT), topic=DOORS.households)
    assert partner.until_dead(place, DOORS.households).headers["dead_reason"] == b"false_sender"


# ----------------------------------------------------------------------------------------- a life may be in a bad record


@pytest.mark.parametrize(
    ("body", "door"),
    [
        (b'{"code":"grooming_of_minor",,', DOORS.incidents),
        ('{"signals":["self_harm"],}'.encode("utf-16"), DOORS.incidents),
        (b"no word in it", DOORS.incidents_p0),
    ],
    ids=["a P0 code", "a P0 signal in UTF-16", "the P0 lane"],
)
def test_a_bad_record_that_may_be_about_a_life_pages_a_human(partner: Partner, body: bytes, door: topics.Topic) -> None:
    partition, offset = partner.publish(body, binary(uuid4().hex), topic=door)
    partner.until_dead((partition, offset), door)

    def about() -> list[NoticeIssued]:
        there = (door.name, partition, offset)
        places = [(page, page.dead_letter) for page in partner.pages() if page.dead_letter is not None]
        return [page for page, at in places if (at.topic, at.partition, at.offset) == there]

    wait_until("a human is paged", about)
    (page,) = {page.notice_id: page for page in about()}.values()  # the scout and the door may both ask for it
    assert page.dead_letter is not None
    assert (page.recipient, page.band, page.dead_letter.partner_id) == ("post:sink", "P0", PARTNER)


def test_a_bad_record_without_such_a_word_pages_nobody(partner: Partner) -> None:
    before = len(partner.pages())
    partner.until_dead(partner.publish(b'{"code":"phishing",,', binary(uuid4().hex)))
    assert len(partner.pages()) == before


def test_every_event_the_gateway_writes_is_a_cloud_event_of_the_contract(partner: Partner) -> None:
    partner.until_dead(partner.publish(b"{", binary(uuid4().hex)))
    for name, carried in (("incidents", topics.REPORTS), (DOORS.cases.name, DOORS.cases.carries)):
        for record in partner.read(name):
            assert decode(record.value, tuple(record.headers.items())).type in carried


def test_what_the_gateway_logs_holds_nothing_a_partner_wrote(partner: Partner, town: Product) -> None:
    canary = f"canary-{uuid4().hex}"
    body = json.dumps({"code": canary, "personal": {"free_text": canary}, "household_reference": canary}).encode()
    identity = uuid4().hex
    partner.publish(body, binary(identity))
    partner.until_dead(partner.publish(body[:-1] + b",}", binary(canary)))
    wait_until("the good one is forwarded", lambda: identity in partner.reports())
    for log in Path(town.logs).glob("*.log"):
        assert canary not in log.read_text()
