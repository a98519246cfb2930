"""Faust's transport, hardened: commits what was settled and nothing else, reads committed records only, sends idempotently.

Overrides private methods of faust-streaming 0.15.3 (pinned); tests/integration/doors/test_faust_edges.py keeps it honest.
Stock Faust stalls its commits behind a transactional producer, forgets acknowledged offsets when partitions are revoked,
books failed commits as done, acknowledges events whose handler raised and reads uncommitted records.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.consumer import RecordMap
from faust.transport.drivers import aiokafka as stock
from faust.types import TP, Message
from mode import ServiceT

from services.runtime.edge.coordinator import StrictConsumer
from services.runtime.edge.progress import Progress


class Edge(Protocol):
    """What the transport asks of its app."""

    client_options: Mapping[str, Any]
    instance: str
    most_out: int
    settle_within: float


LONGEST_READ_SECONDS = 1.0
BREATH_RECORDS = 50
FETCH_WAIT_MS = 250
RECHECK_SECONDS = 0.02


class HardenedThread(stock.AIOKafkaConsumerThread):
    """The thread that talks to the broker."""

    def _create_worker_consumer(self, transport: stock.Transport) -> AIOKafkaConsumer:  # noqa: ARG002 - faust's signature
        conf = self.app.conf
        self._assignor = RoundRobinPartitionAssignor  # faust's own is for tables, which edges never have
        return StrictConsumer(
            **cast("Edge", self.app).client_options,
            group_id=conf.id,
            group_instance_id=cast("Edge", self.app).instance,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int((conf.broker_max_poll_interval or 60) * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            isolation_level="read_committed",
        )

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Moves every assigned partition to its committed offset, or to its beginning; stock leaves the latter where it is."""
        return cast("Mapping[TP, int]", await self.call_thread(self._seek_all))

    async def _seek_all(self) -> dict[TP, int]:
        consumer = self._ensure_consumer()
        committed = {tp: await consumer.committed(tp) for tp in consumer.assignment()}
        for tp, offset in committed.items():
            if offset:
                consumer.seek(tp, offset)
            else:
                await consumer.seek_to_beginning(tp)
        return {TP(tp.topic, tp.partition): offset or 0 for tp, offset in committed.items()}

    async def _fetch_records(self, consumer: AIOKafkaConsumer, *partitions: Any, **limits: Any) -> RecordMap:
        consumer._coordinator.check_errors()  # noqa: SLF001 - getmany() would; without it a failed join is a silent zombie
        return await super()._fetch_records(consumer, *partitions, **limits)


class HardenedConsumer(stock.Consumer):
    """Gives records out and commits up to the oldest that is not settled.

    A topic with `most_out` records out is left alone until some are settled, so that none can fill memory or starve others.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.progress: dict[TP, Progress] = defaultdict(Progress)
        self._settled = asyncio.Event()
        super().__init__(*args, **options)

    def _new_consumer_thread(self) -> HardenedThread:
        return HardenedThread(self, loop=self.loop, beacon=self.beacon)

    def hold(self, message: Message) -> None:
        """An agent took this record: a rebalance waits for it."""
        self._unacked_messages.add(message)

    def settle(self, message: Message) -> None:
        """What this record asks for is done and acknowledged: it may be committed."""
        if message.tp in self.progress:
            self.progress[message.tp].settle(message.offset)
        self._unacked_messages.discard(message)
        self._settled.set()

    def out(self, topic: str) -> int:
        """How many records of a topic are out."""
        return sum(len(progress) for tp, progress in self.progress.items() if tp.topic == topic)

    def behind(self) -> dict[TP, int]:
        """Records after the committed offset, for every partition that was read from."""
        done = {tp: self._committed_offset[tp] or 0 for tp in self.assignment()}
        return {tp: max(0, (self.highwater(tp) or 0) - offset) for tp, offset in done.items()}

    @property
    def _edge(self) -> "Edge":
        return cast("Edge", self.app)

    # ------------------------------------------------------------------------------------------------ giving out

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        """Gives every record read to its agent, in offset order; an error of reading ends the app."""
        while not (self.should_stop or fetcher.should_stop):
            records, _ = await self._wait_next_records(LONGEST_READ_SECONDS)
            for tp, batch in (records or {}).items():
                await self._give_out(TP(tp.topic, tp.partition), batch, self.app.consumer_generation_id)
            await asyncio.sleep(0)

    async def _give_out(self, tp: TP, batch: list[Any], generation: int) -> None:
        for number, record in enumerate(batch, 1):
            if generation != self.app.consumer_generation_id or not self.flow_active:
                return  # a rebalance: the rest is dropped, and reading starts again at what is committed
            due = self._read_offset[tp]
            if due is None or record.offset >= due:
                self._read_offset[tp] = record.offset + 1
                self.progress[tp].read(record.offset)
                await self.callback(self._to_message(tp, record))
            if number % BREATH_RECORDS == 0:
                await asyncio.sleep(0)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> RecordMap:  # noqa: ASYNC109 - faust's signature
        full = {
            topic for topic in {tp.topic for tp in active_partitions or ()} if self.out(topic) >= self._edge.most_out
        }
        free = {tp for tp in active_partitions or () if tp.topic not in full}
        if not free:
            await self._until_settled(RECHECK_SECONDS)
            return {}
        generation = self.app.consumer_generation_id
        records = await super()._getmany(free, RECHECK_SECONDS if full else timeout)
        if generation != self.app.consumer_generation_id:
            await self.perform_seek()  # read under an older assignment: where reading goes on must be said anew
            return {}
        return records

    async def perform_seek(self) -> None:
        """Reading starts again at what is committed; whatever is still out will be given out again."""
        self.progress.clear()
        self._unacked_messages.clear()
        await super().perform_seek()

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: `most_out` bounds what is out, and stock would stop reading for a second."""

    # ------------------------------------------------------------------------------------------------ committing

    def ack(self, message: Message) -> bool:
        """Faust's own acknowledgement, given to an event even when its handler raised: not to be believed."""
        self._unacked_messages.discard(message)
        return False

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter([tp for tp in self.progress if topics is None or tp in topics or tp.topic in topics])

    def _new_offset(self, tp: TP) -> int | None:
        return self.progress[tp].committable

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002 - faust's signature
        before = {tp: self._committed_offset[tp] for tp in offsets}
        done = await super()._commit_offsets(offsets, start_new_transaction)
        if not done:
            self._committed_offset.update(before)
        return done

    async def wait_empty(self) -> None:
        """Waits for what the agents hold to be settled, at most `settle_within` seconds, and commits; the rest is read again."""
        until = time.monotonic() + self._edge.settle_within
        while self._unacked_messages and time.monotonic() < until:
            await self._until_settled(RECHECK_SECONDS)
        await self.commit()  # may only wait for a commit that began before the last record was settled
        await self.commit()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Commits what is settled first; stock forgets it before it tells anybody."""
        await self._on_partitions_revoked(revoked)
        self._active_partitions.difference_update(revoked)
        self._paused_partitions.difference_update(revoked)
        for tp in revoked:
            self.progress.pop(tp, None)
            self._read_offset.pop(tp, None)
            self._committed_offset.pop(tp, None)

    async def _until_settled(self, seconds: float) -> None:
        self._settled.clear()
        try:
            await asyncio.wait_for(self._settled.wait(), seconds)
        except TimeoutError:
            return

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: stock logs an error for every quiet partition; the operations port shows the lag."""


class HardenedProducer(stock.Producer):
    """Idempotent, all in-sync replicas."""

    def _settings_default(self) -> Mapping[str, Any]:
        return {
            **cast("Edge", self.app).client_options,
            "linger_ms": self.linger_ms,
            "max_batch_size": self.max_batch_size,
            "max_request_size": self.max_request_size,
        }

    def _settings_auth(self) -> Mapping[str, Any]:
        return {}

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class HardenedTransport(stock.Transport):
    """Both, on the same client options as every other Kafka client of ours."""

    Consumer = HardenedConsumer
    Producer = HardenedProducer
