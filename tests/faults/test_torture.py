"""The product's router and desks lose nothing and double nothing under a short seeded torture, and the verdict can say no."""

import json
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.kafka import Broker
from schemas.case_facts import case_type
from schemas.topics import CASE_EVENT_LOG
from tests.faults.schedule import FULL, SHORT, Fault, draw
from tests.faults.torture import SHORT_REPORTS, Torture
from tests.faults.verdict import reach_verdict
from tests.stage.dumps import dump

SEED = 7


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_short_torture_loses_nothing_and_doubles_nothing_and_the_verdict_would_notice(
    broker: Broker, tmp_path: Path
) -> None:
    if broker.kind == "given":
        pytest.skip("this suite kills its broker, and the given one is not ours")
    run = Torture(broker, tmp_path, SEED, SHORT_REPORTS, SHORT)
    verdict = run.run(seconds=0.0)
    print(f"\n{verdict.shown()}")
    assert verdict.complaints == []
    assert verdict.acked >= SHORT_REPORTS
    assert dict(run.felt) == SHORT
    _one_report_more_was_acknowledged(broker, run.log)
    _one_case_was_opened_twice(broker, run.log)


def _one_report_more_was_acknowledged(broker: Broker, log: Path) -> None:
    honest = log.read_text()
    extra = {**json.loads(honest.splitlines()[0]), "report_id": "never-arrived"}
    log.write_text(honest + json.dumps(extra) + "\n")
    assert reach_verdict(broker.bootstrap_servers, log).lost == 1
    log.write_text(honest)


def _one_case_was_opened_twice(broker: Broker, log: Path) -> None:
    opened = case_type("opened").encode()
    first = next(
        each for each in dump(broker.bootstrap_servers, CASE_EVENT_LOG.name) if each.headers["ce_type"] == opened
    )
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
    producer.produce(
        first.topic, first.value, key=first.key, partition=first.partition, headers=list(first.headers.items())
    )
    assert producer.flush(10) == 0
    doubled = reach_verdict(broker.bootstrap_servers, log)
    assert doubled.duplicated == 1
    assert any("id twice" in complaint for complaint in doubled.complaints)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("counts", [SHORT, FULL])
def test_a_schedule_deals_what_was_asked_and_never_a_leave_before_a_join(seed: int, counts: dict[Fault, int]) -> None:
    blows = draw(counts, seed)
    assert draw(counts, seed) == blows
    assert {fault: sum(blow.fault is fault for blow in blows) for fault in counts} == counts
    there = {True: 0, False: 0}
    for blow in blows:
        there[blow.on_desk] += (blow.fault is Fault.JOIN) - (blow.fault is Fault.LEAVE)
        assert min(there.values()) >= 0
