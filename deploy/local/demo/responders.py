"""Simulated responders, one process for all of them: a phone rings, its owner reads the offer, accepts, calls the victim, is done.

They are rung by the webhook at the page sink, and look by themselves now and then. What is hushed on standard input
(`{"desk": ..., "case": ...}`, or `{}` for nothing) they leave unanswered.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import httpx2

from deploy.local.demo.api import Answer, Caller, CallFailed, client
from deploy.local.demo.plays import asked
from deploy.local.demo.stackfile import Stack, responder_tokens

_LISTEN_SECONDS = 0.3
_LOOK_SECONDS = 4.0
_REACT_SECONDS = {"P0": (0.2, 0.6), "P1": (0.3, 1.2), "P2": (0.5, 2.0), "P3": (0.5, 2.5)}
_CALL_SECONDS = (0.5, 2.0)
_WORK_SECONDS = (1.0, 6.0)
_DONE_SHARE = 0.7


@dataclass
class Hush:
    """What nobody answers for now: P0 at a desk, of one case if one is named."""

    desk: str | None = None
    case: str | None = None

    def covers(self, offer: dict[str, Any]) -> bool:
        """Whether this offer is left alone."""
        if offer["desk_id"] != self.desk or offer["band"] != "P0":
            return False
        return self.case is None or bool(offer["case_id"] == self.case)


@dataclass
class Shift:
    """Everybody on duty: who they are, what they answer, what they did."""

    hush: Hush
    log: TextIO
    draw: random.Random
    bells: dict[str, asyncio.Event] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    working: set[asyncio.Task[None]] = field(default_factory=set)

    def note(self, responder_id: str, verb: str, track_id: str, answer: Answer) -> None:
        """One line of what was done."""
        line = {"responder_id": responder_id, "verb": verb, "track_id": track_id, "status": answer.status}
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()

    async def takes(self, limits: tuple[float, float]) -> None:
        """People take their time."""
        await asyncio.sleep(self.draw.uniform(*limits))


async def attend(shift: Shift, responder_id: str, me: Caller) -> None:
    """One responder: looks when rung, or after a while; accepts what is offered and starts on it."""
    bell = shift.bells[responder_id]
    while True:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await bell.wait()
        except TimeoutError:
            pass
        bell.clear()
        try:
            offers = (await me.get("/v1/me/offers")).body.get("offers", ())
        except CallFailed:
            continue
        for offer in offers:
            if offer["offer_id"] not in shift.seen and not shift.hush.covers(offer):
                shift.seen.add(offer["offer_id"])
                task = asyncio.create_task(_work(shift, responder_id, me, offer))
                shift.working.add(task)
                task.add_done_callback(shift.working.discard)


async def _work(shift: Shift, responder_id: str, me: Caller, offer: dict[str, Any]) -> None:
    track = offer["track_id"]

    async def say(verb: str, path: str, body: dict[str, str] | None = None) -> bool:
        answer = await me.post(path, body, key=f"{verb}-{track}")
        shift.note(responder_id, verb, track, answer)
        return answer.done

    try:
        await shift.takes(_REACT_SECONDS[offer["band"]])
        if not await say("accept", f"/v1/offers/{offer['offer_id']}:accept"):
            return
        await shift.takes(_CALL_SECONDS)
        await say("contacted", f"/v1/tracks/{track}:contacted", {"result": "spoke"})
        if shift.draw.random() < _DONE_SHARE:
            await shift.takes(_WORK_SECONDS)
            await say("done", f"/v1/tracks/{track}:done", {"result": "helped"})
    except CallFailed as failed:
        shift.note(responder_id, str(failed), track, Answer(0, {}, 0))
        shift.seen.discard(offer["offer_id"])


async def listen(shift: Shift, stack: Stack) -> None:
    """Rings whoever the pager delivered an offer to."""
    heard = 0
    async with httpx2.AsyncClient(timeout=10.0) as connection:
        while True:
            await asyncio.sleep(_LISTEN_SECONDS)
            try:
                lines = (await connection.get(stack.page_sink_url)).text.splitlines()
            except httpx2.TransportError:
                continue
            for line in lines[heard:]:
                if bell := shift.bells.get(json.loads(line).get("recipient", "")):
                    bell.set()
            heard = len(lines)


async def obey(shift: Shift) -> None:
    """Hushes what standard input says; returns when it is closed: the shift is over."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        told = json.loads(line)
        shift.hush.desk, shift.hush.case = told.get("desk"), told.get("case")


async def work(stack: Stack, responder_ids: Iterable[str], log: Path, seed: int) -> None:
    """One shift of everybody, until standard input closes."""
    tokens = await asyncio.to_thread(responder_tokens, stack, list(responder_ids))
    with log.open("a", encoding="utf-8") as file:
        shift = Shift(Hush(), file, random.Random(seed), {one: asyncio.Event() for one in tokens})
        async with client(stack.api_url) as connections:
            people = [attend(shift, one, Caller(connections, token)) for one, token in tokens.items()]
            tasks = [asyncio.create_task(one) for one in (*people, listen(shift, stack))]
            await obey(shift)
            await asyncio.gather(*shift.working)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def main() -> int:
    """Works until standard input closes."""
    play = asked("deploy.local.demo.responders")
    on_duty = [one.responder_id for one in play.roster() if one.post is None]
    play.logs.mkdir(parents=True, exist_ok=True)
    asyncio.run(work(play.stack, on_duty, play.logs / "responders.jsonl", play.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
