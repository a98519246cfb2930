"""The product's HTTP API as one caller sees it: retries with the same key, and asks for outcomes that were not there in time."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

_TRIES = 12
_AGAIN = {429, 502, 503, 504}
_WAIT_SECONDS = 0.5
_OUTCOME_TRIES = 60


class CallFailed(Exception):
    """A call that was refused, or never answered; says which and with what status."""


@dataclass(frozen=True)
class Answer:
    """How a call ended: its status, body, and how many tries it took. `pending_id` is the command of a 202 that got no outcome."""

    status: int
    body: dict[str, Any]
    tries: int
    pending_id: str | None = None

    @property
    def done(self) -> bool:
        """Whether it was carried out."""
        return self.status in {200, 201}


def client(api_url: str) -> httpx2.AsyncClient:
    """A pool of connections to the API."""
    limits = httpx2.Limits(max_connections=48, max_keepalive_connections=48)
    return httpx2.AsyncClient(base_url=api_url, timeout=10.0, limits=limits)


class Caller:
    """Somebody with a token."""

    def __init__(self, connections: httpx2.AsyncClient, token: str) -> None:
        self._connections = connections
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str) -> Answer:
        """One GET; raises CallFailed when nobody answers."""
        return await self._call("GET", path, None, {})

    async def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Enters a record that does not exist yet."""
        return await self._settled(await self._call("PUT", path, body, {"If-None-Match": "*"}))

    async def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> Answer:
        """A command, repeated under the same key until it is taken; waits for its outcome."""
        return await self._settled(await self._call("POST", path, body, {"Idempotency-Key": key} if key else {}))

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None, headers: dict[str, str]) -> Answer:
        problem = "no answer"
        for tried in range(1, _TRIES + 1):
            try:
                response = await self._connections.request(
                    method, path, json=body, headers={**self._headers, **headers}
                )
            except httpx2.TransportError as failed:
                problem = type(failed).__name__
            else:
                if response.status_code not in _AGAIN:
                    return Answer(response.status_code, _json(response), tried)
                problem = str(response.status_code)
            await asyncio.sleep(_WAIT_SECONDS)
        raise CallFailed(f"{method} {path.split('/')[2]}: {problem} after {_TRIES} tries")

    async def _settled(self, answer: Answer) -> Answer:
        """The outcome of a call that was taken without one."""
        if answer.status != 202:
            return answer
        command = answer.body["command_id"]
        for _ in range(_OUTCOME_TRIES):
            told = await self._call("GET", f"/v1/commands/{command}", None, {})
            if told.body.get("state") in {"done", "refused"}:
                return Answer(200 if told.body["state"] == "done" else 409, told.body, answer.tries, command)
            await asyncio.sleep(_WAIT_SECONDS)
        return Answer(202, answer.body, answer.tries, command)


def _json(response: httpx2.Response) -> dict[str, Any]:
    found = response.json() if response.content else {}
    return found if isinstance(found, dict) else {}
