"""The pager dies again and again between a provider's yes and its receipt: everybody is told, nobody in two different messages.

`PAGER_DEATHS=100` sets how often; a few in `make test`.
"""

import os
import random
import time
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

DEATHS = int(os.environ.get("PAGER_DEATHS", "4"))
RESPONDERS, SLOW = 5, 2
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
    """What arrives at once: several for some people, at times a P0 among them, and a page to a post."""
    bands = dice.choices(("P0", "P2", "P3"), (1, 10, 10), k=8)
    people = [notice(f"{number}-{one}", f"r-{dice.randrange(RESPONDERS)}", band=band) for one, band in enumerate(bands)]
    post = {"kind": "page", "page_id": f"page-{number}", "issuer_topic": "commands", "issuer_key": "household-1"}
    page = notice(f"{number}-post", "post:duty-lead-legal-fr", band="P1", **post)
    return [*people, page] if dice.random() < 0.2 else people


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(120 + 20 * DEATHS)
def test_a_pager_that_dies_before_its_receipt_tells_everybody_and_nobody_in_two_messages(town: Paged) -> None:
    dice = random.Random(SEED)
    for one in range(RESPONDERS):
        path = f"/slow/r-{one}" if one < SLOW else f"/r-{one}"
        town.enrol(entry(f"r-{one}", ("webhook", town.sink.url(path))))
    issued: list[NoticeIssued] = []
    for _ in range(DEATHS):
        dying = town.pager(crash_at=f"after_delivery:{dice.randrange(1, 12)}")
        while dying.popen is not None and dying.popen.poll() is None:
            new = burst(len(issued), dice)
            issued += new
            town.issue(*new)
            time.sleep(dice.uniform(0.2, 1.5))  # how much has come when it dies is what is varied here
        assert dying.ended() == EXIT_CRASH_POINT
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
