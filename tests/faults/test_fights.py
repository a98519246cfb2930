"""Two processes fight for the technical desks: each track is with one responder at a time, and at one desk, whoever dies when."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.kafka import Broker
from schemas.progress import progress_type
from schemas.topics import PROGRESS_TOPIC
from tests.faults.fight import SHORT, Fight
from tests.faults.fight_verdict import judge
from tests.stage.dumps import dump

SEED = 3


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_track_is_with_one_responder_at_one_desk_while_two_processes_fight_for_it(
    broker: Broker, tmp_path: Path
) -> None:
    if broker.kind == "given":
        pytest.skip("this needs topics of its own, and the given broker may have them")
    run = Fight(broker, tmp_path, SEED, SHORT)
    found = run.run(seconds=0.0)
    print(f"\n{found.shown()}\n{dict(run.felt)}, {dict(run.did)}")
    assert found.complaints == []
    assert dict(run.felt) == SHORT
    assert found.moves > 0
    assert found.accepted > 0
    assert found.settled > found.tracks / 2
    _somebody_else_was_given_what_somebody_has(broker, run.stopped_at)


def _somebody_else_was_given_what_somebody_has(broker: Broker, stopped_at: datetime) -> None:
    """The verdict can say no."""
    facts = dump(broker.bootstrap_servers, PROGRESS_TOPIC.name)
    one = next(each for each in facts if each.headers["ce_type"] == progress_type("accepted").encode())
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
    for who in ("somebody", "somebody-else"):
        value = json.dumps({**json.loads(one.value or b""), "responder_id": who})
        headers: dict[str, str | bytes | None] = {**one.headers, "ce_id": who.encode()}
        producer.produce(one.topic, value, key=one.key, partition=one.partition, headers=headers)
    assert producer.flush(10) == 0
    complaints = judge(broker.bootstrap_servers, stopped_at).complaints
    assert any("is with somebody and was given to somebody-else" in each for each in complaints)
