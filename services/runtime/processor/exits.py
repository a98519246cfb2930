"""What ends or interrupts the work of one partition, and the points at which a test may end its process."""

from schemas.topics import Topic

POINTS = (
    "after_poll",
    "after_handle",
    "after_begin",
    "between_sends",
    "before_position",
    "after_position",
    "before_commit",
    "after_commit",
)


class PartitionHalted(Exception):
    """One partition must not go on and a human is needed: `reason` is a code; other partitions are not concerned."""

    def __init__(self, reason: str, topic: Topic | str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.topic = topic.name if isinstance(topic, Topic) else topic


class HandlerRaised(Exception):
    """`handle` (or the check of what it wants) raised for this record: memory is not to be trusted any more."""

    def __init__(self, topic: str, offset: int) -> None:
        super().__init__("handler raised")
        self.topic = topic
        self.offset = offset


class TimersRaised(Exception):
    """`fire` raised: memory is not to be trusted any more."""
