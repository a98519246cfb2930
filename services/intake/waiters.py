"""Who waits for what to appear on the bus or in the read model; woken after the rows are there."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from schemas.outcomes import OutcomeDone, OutcomeRefused
from services.intake.changes import Change

Outcome = OutcomeDone | OutcomeRefused


class Waiters:
    """Futures of calls in progress, and an event for streams. Lives on the event loop only."""

    def __init__(self) -> None:
        self._outcomes: dict[str, set[asyncio.Future[Outcome]]] = defaultdict(set)
        self._versions: dict[str, set[tuple[int, asyncio.Future[None]]]] = defaultdict(set)
        self._streams: set[asyncio.Event] = set()

    @contextmanager
    def outcome(self, command_id: str) -> Iterator[asyncio.Future[Outcome]]:
        """The next outcome of a command; ask before sending it."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._outcomes[command_id].add(future)
        try:
            yield future
        finally:
            self._outcomes[command_id].discard(future)
            if not self._outcomes[command_id]:
                del self._outcomes[command_id]

    @contextmanager
    def version(self, subject: str, version: int) -> Iterator[asyncio.Future[None]]:
        """The moment the read model shows `subject` at `version` or later; look there yourself after asking."""
        entry = (version, asyncio.get_running_loop().create_future())
        self._versions[subject].add(entry)
        try:
            yield entry[1]
        finally:
            self._versions[subject].discard(entry)
            if not self._versions[subject]:
                del self._versions[subject]

    @contextmanager
    def board(self) -> Iterator[asyncio.Event]:
        """An event set whenever the board may have changed."""
        event = asyncio.Event()
        self._streams.add(event)
        try:
            yield event
        finally:
            self._streams.discard(event)

    def tell(self, changes: Iterable[Change]) -> None:
        """Wakes whoever waited for one of these changes."""
        changed_board = False
        for change in changes:
            changed_board = changed_board or bool(change.touched)
            if change.outcome is not None:
                for future in self._outcomes.get(change.outcome.command_id, ()):
                    if not future.done():
                        future.set_result(change.outcome)
            for version, waiting in self._versions.get(change.subject or "", ()):
                if change.version >= version and not waiting.done():
                    waiting.set_result(None)
        if changed_board:
            self.wake_streams()

    def wake_streams(self) -> None:
        """Lets every stream look again: the board changed, or the process ends."""
        for event in self._streams:
            event.set()
