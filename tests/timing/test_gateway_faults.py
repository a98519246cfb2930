"""The gateway when things go wrong, and when one lane is flooded: nothing lost, one dead letter each, no lane behind another."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from confluent_kafka import KafkaException, Producer

from deploy.local.kafka import Broker, provide
from schemas import topics
from schemas.messages import read
from schemas.reports import ReportSubmitted
from services.runtime.exits import EXIT_CRASH_POINT
from tests.stage.dumps import dump, ends
from tests.stage.fleet import Member, wait_until
from tests.stage.product import PARTNER, Product, product

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
DOORS = topics.partner(PARTNER)
FULL = bool(os.environ.get("SAMEROOF_FULL"))  # on a machine that has nothing else to do
FLOOD = 50_000 if FULL else 20_000
CPU_SECONDS_A_RECORD = 1 / 5_000 if FULL else 1 / 2_000


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """One for this file: the tests read whole topics."""
    made = provide()
    yield made
    made.close()


@pytest.fixture
def town(broker: Broker, tmp_path: Path) -> Iterator[Product]:
    with product(broker, tmp_path) as running:
        wait_until("the topics just made have leaders", lambda: has_leaders(running))
        yield running


def has_leaders(town: Product) -> bool:
    with suppress(KafkaException):
        dead_ids(town)
        forwarded(town)
        return True
    return False


def gateway(town: Product, **settings: str) -> Member:
    """One without a parent, so that its end can be seen."""
    env = town.environment | {f"SAMEROOF_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "services.intake", "gateway"]
    member = Member("gateway-0", command, env, town.logs / f"gateway-{len(town.members)}.log").start()
    town.members.append(member)
    return member


def publish(town: Product, topic: topics.Topic, bodies: dict[str, bytes]) -> None:
    """Bodies by report id, by another Kafka client than ours."""
    servers = town.broker.bootstrap_servers
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 20, "queue.buffering.max.messages": 1_000_000})
    for identity, body in bodies.items():
        headers: dict[str, str | bytes | None] = {
            "ce_specversion": b"1.0",
            "ce_id": identity,
            "ce_source": f"urn:partner:{PARTNER}:crm",
            "ce_type": "eu.sameroof.report.v1.submitted",
            "content-type": b"application/json",
        }
        producer.produce(topic.name, body, key=identity, headers=headers)
        producer.poll(0)
    assert producer.flush(30) == 0


def forwarded(town: Product, *lanes: str) -> Counter[str]:
    """How often each report was forwarded."""
    kept = dump(town.broker.bootstrap_servers, *(lanes or ("incidents", "incidents.p0")))
    found = [read(record.value, tuple(record.headers.items())).data for record in kept]
    return Counter(report.report_id for report in found if isinstance(report, ReportSubmitted))


def dead_ids(town: Product) -> list[str]:
    return [record.headers["dead_id"].decode() for record in dump(town.broker.bootstrap_servers, "intake.dead")]


def mixed(count: int) -> tuple[dict[str, bytes], int]:
    """Reports by id, one in ten of them bad; and how many those are."""
    ids = [uuid4().hex for _ in range(count)]
    return {one: b'{"code":' if n % 10 == 0 else b'{"code":"phishing"}' for n, one in enumerate(ids)}, count // 10


@pytest.mark.parametrize("point", ["before_forward", "after_forward"])
def test_a_gateway_that_dies_around_forwarding_loses_nothing_and_has_one_dead_letter_each(
    town: Product, point: str
) -> None:
    known = set(dead_ids(town))
    bodies, bad = mixed(2_000)
    publish(town, DOORS.incidents, bodies)
    assert gateway(town, crash_at=f"{point}:2").ended() == EXIT_CRASH_POINT
    gateway(town)
    good = {identity for identity, body in bodies.items() if body.endswith(b"}")}
    wait_until("every good one is forwarded", lambda: good <= forwarded(town).keys())
    wait_until("every bad one is a dead letter", lambda: len(set(dead_ids(town)) - known) >= bad)
    times = forwarded(town)
    twice = sum(1 for identity in good if times[identity] > 1)
    print(f"\n  killed {point}: {len(good)} forwarded, {twice} of them twice, {bad} dead letters")
    assert len(set(dead_ids(town)) - known) == bad
    assert twice <= 1_500, "at most the groups under way"
    assert not bodies.keys() - good & times.keys()


def test_a_flooded_lane_holds_up_no_p0_lane_and_is_forwarded_fast_enough(town: Product) -> None:
    member = town.start("gateway-0", "services.intake", "gateway").wait_ready()
    flood = {f"{n}-{uuid4().hex}": b'{"code":"phishing","country":"FR"}' for n in range(FLOOD)}
    urgent = {uuid4().hex: b'{"code":"bank_fraud","signals":["money_leaving"]}' for _ in range(5)}
    at_rest, before = appended(town), cpu_seconds(member)
    publish(town, DOORS.incidents, flood)
    wait_until("the flood is being forwarded", lambda: appended(town) - at_rest > 0)
    for identity, body in urgent.items():
        publish(town, DOORS.incidents_p0, {identity: body})
        wait_until("the P0 is forwarded", lambda: identity in forwarded(town, "incidents.p0"))  # noqa: B023 - at once
    assert appended(town) - at_rest < FLOOD, "the P0 were forwarded while the flood went on"
    wait_until("the flood is forwarded", lambda: appended(town) - at_rest >= FLOOD, seconds=60)
    spent = (cpu_seconds(member) - before) / FLOOD
    waits = hop_seconds(town, urgent)
    rate = FLOOD / seconds_to_forward(town, flood)
    print(
        f"\n  P0 lane during a flood: median {waits[2] * 1000:.0f} ms, worst {waits[-1] * 1000:.0f} ms, append to append"
    )
    print(f"  flood: {rate:.0f} records/s, {spent * 1e6:.0f} us of CPU each")
    assert waits[-1] <= 1.0
    assert spent <= CPU_SECONDS_A_RECORD


def appended(town: Product) -> int:
    """Records ever written to our ordinary lane."""
    return sum(ends(town.broker.bootstrap_servers, "incidents").values())


def cpu_seconds(member: Member) -> float:
    return metric(member, "process_cpu_seconds_total")


def metric(member: Member, series: str) -> float:
    shown = [line for line in member.get("/metrics")[1].splitlines() if line.startswith(series)]
    return float(shown[0].rpartition(" ")[2]) if shown else 0.0


def hop_seconds(town: Product, urgent: dict[str, bytes]) -> list[float]:
    """From the broker's append on the partner's P0 lane to its append on ours, sorted."""
    servers = town.broker.bootstrap_servers
    came = {record.headers["ce_id"].decode(): record.append_ms for record in dump(servers, DOORS.incidents_p0.name)}
    went: dict[str, int] = {}
    for record in dump(servers, "incidents.p0"):
        report = read(record.value, tuple(record.headers.items())).data
        assert isinstance(report, ReportSubmitted)
        went[report.report_id] = record.append_ms
    return sorted((went[identity] - came[identity]) / 1000 for identity in urgent)


def seconds_to_forward(town: Product, flood: dict[str, bytes]) -> float:
    mine = b'"country":"FR"'
    times = [r.append_ms for r in dump(town.broker.bootstrap_servers, "incidents") if mine in (r.value or b"")]
    assert len(times) >= len(flood)
    return (max(times) - min(times)) / 1000
