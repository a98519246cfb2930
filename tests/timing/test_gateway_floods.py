"""The gateway when one lane is flooded: no lane waits behind another."""

import os
from uuid import uuid4

import pytest

from schemas.messages import read
from schemas.reports import ReportSubmitted
from tests.stage.brokers import broker
from tests.stage.dumps import dump, ends
from tests.stage.fleet import Member, wait_until
from tests.stage.gateways import DOORS, forwarded, publish, town
from tests.stage.product import Product

__all__ = ["broker", "town"]
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
FULL = bool(os.environ.get("SAMEROOF_FULL"))  # on a machine that has nothing else to do
FLOOD = 50_000 if FULL else 20_000
CPU_SECONDS_A_RECORD = 1 / 5_000 if FULL else 1 / 2_000


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
