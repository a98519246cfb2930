"""The API in front of the real machines, over an in-memory log: what a call answers is what the router decided."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import httpx2

from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.words import Role
from services.intake.bus import Bus
from services.intake.calling import Api
from services.intake.folding import folds
from services.rules import ids
from services.rules.machine import Effects, Message, Send
from services.runtime.clock import Clock
from tests.scenarios import bus as towns
from tests.shipped import CATALOGUE
from tests.unit.intake.conftest import Signer

FOLDED = frozenset(folds())


@cache
def shipped() -> Catalogue:
    """The shipped catalogue, read once."""
    return CATALOGUE


class Log(towns.Bus):
    """A town's bus that also keeps state records, as a broker's compacted topics do."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self.unfolded: list[Message] = []
        self._offsets: dict[str, int] = {}

    def _apply(self, seat: towns.Seat, effects: Effects, now: datetime) -> None:
        super()._apply(seat, effects, now)
        for save in effects.saves:
            value = None if save.record is None else save.record.model_dump_json(exclude_none=True).encode()
            self._note(Message(save.topic.name, 0, 0, save.key.encode(), value, (), now))

    def _append(self, topic: str, message: Message) -> None:
        super()._append(topic, message)
        self._note(self.log[topic][-1])

    def _note(self, message: Message) -> None:
        if message.topic in FOLDED:
            offset = self._offsets[message.topic] = self._offsets.get(message.topic, -1) + 1
            self.unfolded.append(
                Message(message.topic, 0, offset, message.key, message.value, message.headers, message.appended_at)
            )


class Wire(Bus):
    """Intake's bus with the machines behind it: what is published is decided, and folded into the read model, at once."""

    def __init__(self, settings: Any, clock: Clock, catalogue: Catalogue) -> None:
        super().__init__(settings, clock)
        self.catalogue = catalogue
        self.log = Log(catalogue)
        self.clock = clock
        self.api: Api | None = None

    async def publish(self, send: Send, *, within: float) -> None:
        """One record, and everything that follows from it."""
        assert isinstance(send.body, Event)
        self.log.publish(send.topic, send.key, send.body, self.clock.now())
        self.log.settle(self.clock.now())
        await self.fold()

    async def fold(self) -> None:
        """The read model catches up."""
        assert self.api is not None
        unfolded, self.log.unfolded = self.log.unfolded, []
        applied = await self.api.model.apply(unfolded, self.clock.now())
        assert applied.unreadable == ()
        self.api.waiters.tell(applied.changes)


@dataclass(frozen=True)
class Desk:
    """An agent, or whoever else, at the door."""

    client: httpx2.AsyncClient
    signer: Signer
    wire: Wire

    async def post(
        self, path: str, body: object = None, *, role: Role = Role.AGENT, subject: str | None = None, **headers: str
    ) -> httpx2.Response:
        """One call; `headers` with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, json=body or {}, headers=self.signer.header(role, subject) | named)

    async def get(
        self, path: str, *, role: Role = Role.AGENT, subject: str | None = None, word: str | None = None
    ) -> httpx2.Response:
        """One call, with a code word if given."""
        said = {} if word is None else {"Sameroof-Code-Word": word}
        return await self.client.get(path, headers=self.signer.header(role, subject) | said)

    async def reports(self, household: str | None, code: str, *, key: str, **said: Any) -> dict[str, Any]:
        """A report; what its sender is told."""
        body = {"code": code, "household_id": ids.household_id("town", household) if household else None, **said}
        told = {name: value for name, value in body.items() if value is not None}
        answer = await self.post("/v1/incidents", told, Idempotency_Key=key)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def case(self, case_id: str, *, word: str | None = None) -> dict[str, Any]:
        """A case as an agent sees it."""
        answer = await self.get(f"/v1/cases/{case_id}", word=word)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown
