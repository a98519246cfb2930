"""The Faust app of an edge: one consumer group, the hardened transport, and only the settings DESIGN section 6 allows."""

from collections.abc import Mapping
from typing import Any, cast

import faust
from faust.types import TransportT

from services.runtime.edge.transport import HardenedConsumer, HardenedTransport

_BROKER = "kafka://unused:9092"  # the transport has its own client options; faust insists on an address
LARGEST_REQUEST = 4 * 1024 * 1024  # a dead letter is a little larger than the largest record we may be sent


class EdgeApp(faust.App):
    """A Faust app whose transport is the hardened one. `client_options` are those of every aiokafka client of ours.

    `instance` is the static member id: a process that crashed and is back takes its own place, without waiting for the session to end.
    `settle_within` is how long a rebalance or a stop waits for records that are out; `most_out` how many of one topic may be.
    """

    def __init__(
        self,
        group: str,
        *,
        client_options: Mapping[str, Any],
        instance: str,
        settle_within: float = 5.0,
        most_out: int = 1_000,
    ) -> None:
        self.client_options = client_options
        self.instance = instance
        self.settle_within = settle_within
        self.most_out = most_out
        super().__init__(group, **_settings())

    @property
    def joined(self) -> bool:
        """Whether the group has given this member its share, which may be empty, and reading has begun."""
        return self.started and self.consumer_generation_id > 0 and not self.rebalancing

    @property
    def far_behind(self) -> bool:
        """Whether more is unread on its partitions than may be out at once."""
        return self.started and sum(cast("HardenedConsumer", self.consumer).behind().values()) > self.most_out

    def _new_transport(self) -> TransportT:
        return HardenedTransport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> TransportT:
        return HardenedTransport(self.conf.broker_producer, self)


def _settings() -> dict[str, Any]:
    return {
        "broker": _BROKER,
        "autodiscover": False,
        "broker_commit_interval": 0.2,
        "broker_commit_livelock_soft_timeout": 3_600.0,
        "broker_heartbeat_interval": 1.0,
        "broker_max_poll_interval": 60.0,
        "broker_max_poll_records": 250,
        "broker_session_timeout": 15.0,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": 512 * 1024,
        "key_serializer": "raw",
        "producer_linger": 0.005,
        "producer_max_batch_size": 256 * 1024,
        "producer_max_request_size": LARGEST_REQUEST,
        "processing_guarantee": "at_least_once",
        "stream_buffer_maxsize": 4_096,
        "stream_wait_empty": True,
        "table_standby_replicas": 0,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "value_serializer": "raw",
        "web_enabled": False,
        "worker_redirect_stdouts": False,
    }
