"""Fills the town, a process of its own: households through an agent or their partner's door, the roster through a supervisor."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Iterable

from deploy.local.demo.api import Answer, Caller, CallFailed, client
from deploy.local.demo.partner import HOUSEHOLD, headers, producer
from deploy.local.demo.plays import Play, asked
from deploy.local.demo.proving import prove
from deploy.local.demo.stackfile import Stack, responder_tokens
from deploy.local.demo.town import Household, Responder, entry

CAPACITY = 40
_AT_ONCE = 16
_FLUSH_SECONDS = 30.0


class NotSettled(Exception):
    """Somebody could not be entered."""


async def settle(play: Play) -> None:
    """Enters everybody; a responder is on duty once entered, a duty lead waits to be called. Raises NotSettled."""
    stack = play.stack
    town, roster = play.town(stack), play.roster()
    tokens = await asyncio.to_thread(responder_tokens, stack, [one.responder_id for one in roster])
    _publish_households(stack, [one for one in town if one.partner_id])
    async with client(stack.api_url) as connections:
        agent, supervisor = (Caller(connections, stack.tokens[role]) for role in ("agent", "supervisor"))
        own = [one for one in town if not one.partner_id]
        households = [agent.put(f"/v1/households/{one.household_id}", one.body) for one in own]
        people = [
            _enter(supervisor, Caller(connections, tokens[one.responder_id]), one, stack.page_sink_url)
            for one in roster
        ]
        await _all(households)
        await _all(people)


async def _enter(supervisor: Caller, responder: Caller, who: Responder, rings_at: str) -> Answer:
    body = entry(who, capacity=CAPACITY, rings_at=rings_at)
    entered = await supervisor.put(f"/v1/responders/{who.responder_id}", body)
    if not entered.done or who.post:
        return entered
    proved = await prove(responder, who.responder_id, rings_at)
    if not proved.done:
        return proved
    return await responder.post("/v1/me/presence", {"presence": "available"})


async def _all(calls: Iterable[Awaitable[Answer]]) -> None:
    door = asyncio.Semaphore(_AT_ONCE)

    async def one(call: Awaitable[Answer]) -> Answer:
        async with door:
            return await call

    for answer in await asyncio.gather(*(one(call) for call in calls)):
        if not answer.done:
            raise NotSettled(f"an entry was answered with {answer.status}: {json.dumps(answer.body)[:300]}")


def _publish_households(stack: Stack, households: Iterable[Household]) -> None:
    telco = producer(stack)
    for one in households:
        assert one.partner_id is not None
        telco.produce(
            stack.partners[one.partner_id]["households"],
            json.dumps(one.body).encode(),
            one.reference,
            headers=headers(one.partner_id, f"snapshot-{one.reference}", HOUSEHOLD),
        )
    if unsent := telco.flush(_FLUSH_SECONDS):
        raise NotSettled(f"{unsent} households were not taken by the bus")


def main() -> int:
    """Settles, then ends."""
    try:
        asyncio.run(settle(asked("deploy.local.demo.settling")))
    except (NotSettled, CallFailed) as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
