"""The pager dies again and again between a provider's yes and its receipt: everybody is told, nobody in two different messages.

`PAGER_DEATHS=100` sets how often; a few in `make test`.
"""

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.kafka import provide
from schemas.notices import NoticeIssued
from services.runtime.exits import EXIT_CRASH_POINT
from tests.stage.fleet import wait_until
from tests.stage.paging import Paged, entry, notice, paged
from tests.stage.product import product

DEATHS = int(os.environ.get("PAGER_DEATHS", "6"))
RESPONDERS = 5
SEED = 7


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Paged]:
    broker = provide()
    try:
        with product(broker, tmp_path) as running, paged(running) as made:
            yield made
    finally:
        broker.close()


def burst(number: int, dice: random.Random) -> list[NoticeIssued]:
    """What arrives at once: several for some people, P0 among them, and a page to a post."""
    people = [
        notice(f"{number}-{one}", f"r-{dice.randrange(RESPONDERS)}", band=dice.choice(("P0", "P2", "P3")))
        for one in range(8)
    ]
    post = {"kind": "page", "page_id": f"page-{number}", "issuer_topic": "commands", "issuer_key": "household-1"}
    return [*people, notice(f"{number}-post", "post:duty-lead-legal-fr", band="P1", **post)]


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(120 + 20 * DEATHS)
def test_a_pager_that_dies_before_its_receipt_tells_everybody_and_nobody_in_two_messages(town: Paged) -> None:
    dice = random.Random(SEED)
    for one in range(RESPONDERS):
        town.enrol(entry(f"r-{one}", ("webhook", town.sink.url(f"/r-{one}"))))
    issued: list[NoticeIssued] = []
    for number in range(DEATHS):
        new = burst(number, dice)
        issued += new
        dying = town.pager(crash_at=f"after_delivery:{dice.randrange(1, 5)}")
        half = dice.randrange(len(new))
        town.issue(*new[:half])
        dying.wait_ready() if dice.random() < 0.5 else None
        town.issue(*new[half:])
        assert dying.ended(60) == EXIT_CRASH_POINT
    town.pager().wait_ready()
    ids = {one.notice_id for one in issued}
    wait_until("every issuer has its receipt", lambda: ids <= {one.notice_id for one in town.receipts()}, seconds=60)
    _judge(town, ids)


def _judge(town: Paged, ids: set[str]) -> None:
    keys: dict[str, set[str]] = defaultdict(set)
    messages: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    taken = town.sink.taken()
    for message in taken:
        told = tuple(one["notice_id"] for one in message["body"].get("notices", [message["body"]]))
        messages[message["key"]].add(told)
        for one in told:
            keys[one].add(message["key"])
    bundles = sum(len(told) > 1 for each in messages.values() for told in each)
    print(
        f"\n  {DEATHS} deaths, {len(ids)} notices, {len(taken)} messages under {len(messages)} keys, {bundles} of them of several "
        f"notices; {len(taken) - len(messages)} were sent again"
    )
    assert ids - keys.keys() == set(), "nobody is missing"
    assert {one: each for one, each in keys.items() if len(each) > 1} == {}, "nothing is told in two different messages"
    assert {key: each for key, each in messages.items() if len(each) > 1} == {}, (
        "a key is one message, whatever happens"
    )
    assert all(one.delivered for one in town.receipts())
    assert len(taken) > len(messages), "it did die between a provider's yes and its receipt"
    assert bundles
