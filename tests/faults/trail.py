"""Where every partition of a processor stands, as the changelog says it, followed live: the evidence that a fault was felt."""

import json
import threading
import time

from confluent_kafka import Consumer, TopicPartition

# Behind a transactional writer every log ends in a marker, which a reader that is up to date may not have counted.
MARKERS = 1


class Trail:
    """Follows the positions records of one state topic; `unread` compares them with the ends of the inputs."""

    def __init__(self, bootstrap: str, state: str, inputs: tuple[str, ...], partitions: int) -> None:
        self.inputs = inputs
        self._positions: dict[int, dict[str, int]] = {partition: {} for partition in range(partitions)}
        self._reader = self._consumer(bootstrap, "read_committed")
        self._reader.assign([TopicPartition(state, partition, 0) for partition in range(partitions)])
        self._asker = self._consumer(bootstrap, "read_uncommitted")
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"trail {state}", daemon=True)
        self._thread.start()

    def standing(self, partition: int) -> int:
        """How far a partition is: the sum of its positions; it only ever grows."""
        return sum(self._positions[partition].values())

    def unread(self, partition: int) -> int:
        """Records a partition has not got past, beyond markers; 0 when the broker does not say."""
        positions = dict(self._positions[partition])
        total = 0
        for topic in self.inputs:
            end = self._end(topic, partition)
            total += max(0, end - positions.get(topic, 0) - MARKERS)
        return total

    def close(self) -> None:
        """Ends the following."""
        self._closing.set()
        self._thread.join()
        self._reader.close()
        self._asker.close()

    def _end(self, topic: str, partition: int) -> int:
        try:
            return int(self._asker.get_watermark_offsets(TopicPartition(topic, partition), timeout=1.0)[1])
        except Exception:  # noqa: BLE001 - a broker that is being killed answers as it likes
            time.sleep(0.05)
            return 0

    def _follow(self) -> None:
        while not self._closing.is_set():
            message = self._reader.poll(0.2)
            if message is None or message.error() is not None or message.key() != b"positions":
                continue
            value, partition = message.value(), message.partition()
            if value is not None and partition is not None:
                self._positions[partition] = json.loads(value)["inputs"]

    @staticmethod
    def _consumer(bootstrap: str, isolation: str) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "trail",
                "isolation.level": isolation,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 20,
                "reconnect.backoff.max.ms": 500,
                "log_level": 0,
            }
        )
