"""A responder proves that a webhook is theirs: has a code sent over it, and says back what came."""

import asyncio
import json

import httpx2

from deploy.local.demo.api import Answer, Caller

_LOOKS = 100
_LOOK_SECONDS = 0.2
METHOD = 0


async def prove(responder: Caller, responder_id: str, sink_url: str) -> Answer:
    """How saying the code back ended; the answer to asking for one when none came."""
    asked = await responder.post(f"/v1/me/methods/{METHOD}:verify")
    if not asked.done:
        return asked
    async with httpx2.AsyncClient(timeout=10.0) as connection:
        for _ in range(_LOOKS):
            told = [json.loads(line) for line in (await connection.get(sink_url)).text.splitlines()]
            codes = [one["code"] for one in told if one.get("recipient") == responder_id and "code" in one]
            if codes:
                return await responder.post(f"/v1/me/methods/{METHOD}:confirm", {"code": codes[-1]})
            await asyncio.sleep(_LOOK_SECONDS)
    return Answer(0, {"detail": "no code came over the webhook"}, 0)
