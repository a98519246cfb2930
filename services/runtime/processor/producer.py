"""aiokafka's transactional producer with the repairs exactly once needs: a transaction's requests are sent once, without its long waits."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.client import CoordinationType
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.producer.sender import BACKOFF_OVERRIDE, AddPartitionsToTxnHandler, EndTxnHandler, Sender

from services.runtime.connection import client_options
from services.runtime.settings import RuntimeSettings

TRANSACTION_TIMEOUT_MS = 10_000
LARGEST_BATCH = 900_000
MARKER_BACKOFF_SECONDS = 0.003
RETRY_BACKOFF_MS = 10  # a transaction waits for it


class OutcomeUnknown(KafkaError):  # type: ignore[misc]
    """A request about a transaction got no answer: nobody knows whether it took effect, so the process ends."""


class _SentOnce:
    """aiokafka sends a request again after a timeout or a closed connection. A late first copy of EndTxn or of
    AddPartitionsToTxn would then act on the *next* transaction. Only a request that was never sent may be repeated."""

    group: Any
    _sender: Any
    _default_backoff: float

    async def do(self, node_id: int) -> bool:
        request = self.create_request()  # type: ignore[attr-defined]
        try:
            response = await self._sender.client.send(node_id, request, group=self.group)
        except NodeNotReadyError:
            self._sender._coordinator_dead(CoordinationType.TRANSACTION)  # noqa: SLF001 - the sender's own handlers do this
            return await self._again_after(self._default_backoff)
        except KafkaError as problem:
            raise OutcomeUnknown(type(problem).__name__) from problem
        backoff = self.handle_response(response)  # type: ignore[attr-defined]
        if backoff is None:
            return True
        # The previous transaction's markers are still being written: milliseconds, not aiokafka's 20.
        return await self._again_after(MARKER_BACKOFF_SECONDS if backoff == BACKOFF_OVERRIDE else backoff)

    async def _again_after(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return False


class _EndOnce(_SentOnce, EndTxnHandler):  # type: ignore[misc]
    pass


class _AddOnce(_SentOnce, AddPartitionsToTxnHandler):  # type: ignore[misc]
    pass


class _OnceSender(Sender):  # type: ignore[misc]
    async def _do_txn_commit(self, commit_result: Any) -> None:
        await self._message_accumulator.flush_for_commit()
        manager = self._txn_manager
        if manager.is_empty_transaction():
            manager.complete_transaction()
            return
        node_id = await self._find_coordinator(CoordinationType.TRANSACTION, manager.transactional_id)
        await _EndOnce(self, commit_result).do(node_id)

    async def _do_add_partitions_to_txn(self, tps: Any) -> Any:
        node_id = await self._find_coordinator(CoordinationType.TRANSACTION, self._txn_manager.transactional_id)
        return await _AddOnce(self, tps).do(node_id)


class ExactlyOnceProducer(AIOKafkaProducer):  # type: ignore[misc]
    """One partition's producer: its transactional id names the partition, so starting it fences the previous owner."""

    def __init__(self, settings: RuntimeSettings, transactional_id: str) -> None:
        options = client_options(settings, transactional_id) | {"retry_backoff_ms": RETRY_BACKOFF_MS}
        super().__init__(
            **options,
            transactional_id=transactional_id,
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            max_batch_size=LARGEST_BATCH,
        )
        self._sender = _OnceSender(
            self.client,
            acks=-1,
            txn_manager=self._txn_manager,
            retry_backoff_ms=options["retry_backoff_ms"],
            message_accumulator=self._message_accumulator,
            request_timeout_ms=options["request_timeout_ms"],
        )
