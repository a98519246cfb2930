"""Who waits is woken by what they wait for, by nothing else, and leaves nothing behind."""

import asyncio

from schemas.outcomes import OutcomeDone
from services.intake.changes import Change
from services.intake.waiters import Waiters


async def test_an_outcome_wakes_everybody_who_asked_for_it() -> None:
    waiters, outcome = Waiters(), OutcomeDone(command_id="c", subject="s", version=1)
    with waiters.outcome("c") as one, waiters.outcome("c") as two, waiters.outcome("other") as other:
        waiters.tell([Change(outcome=outcome)])
        assert (await one, await two, other.done()) == (outcome, outcome, False)


async def test_a_version_wakes_who_waits_for_it_or_an_earlier_one() -> None:
    waiters = Waiters()
    with waiters.version("s", 2) as second, waiters.version("s", 4) as fourth:
        waiters.tell([Change("s", 1)])
        assert not second.done()
        waiters.tell([Change("s", 3)])
        assert (second.done(), fourth.done()) == (True, False)


async def test_streams_are_woken_by_changes_of_the_board_only() -> None:
    waiters = Waiters()
    with waiters.board() as changed:
        waiters.tell([Change("s", 1)])
        assert not changed.is_set()
        waiters.tell([Change(touched=frozenset({"legal-fr"}))])
        assert changed.is_set()


async def test_who_gave_up_is_forgotten() -> None:
    waiters = Waiters()
    with waiters.outcome("c") as given_up:
        given_up.cancel()
    with waiters.version("s", 1), waiters.board():
        await asyncio.sleep(0)
    assert (dict(waiters._outcomes), dict(waiters._versions), waiters._streams) == ({}, {}, set())
    waiters.tell([Change("s", 1, outcome=OutcomeDone(command_id="c", subject="s", version=1))])
