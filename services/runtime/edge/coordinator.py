"""A consumer that does not take "the coordinator is loading" for "nothing was ever committed".

aiokafka 0.14.0 ignores the top-level error of OffsetFetch: after a coordinator moved, a partition would be replayed whole.
"""

from typing import Any

from aiokafka import AIOKafkaConsumer, errors
from aiokafka.consumer.group_coordinator import GroupCoordinator

from services.runtime.exits import end_process

_MOVED = (errors.NotCoordinatorForGroupError, errors.GroupCoordinatorNotAvailableError)


class StrictCoordinator(GroupCoordinator):  # type: ignore[misc] # aiokafka ships no types
    """Raises the error that an answer carries as a whole; aiokafka's own loops then ask again, the right node.

    A member the group no longer knows (it slept past its session, or another process uses its instance id) ends.
    """

    async def _send_req(self, request: Any) -> Any:
        answer = await super()._send_req(request)
        code = getattr(answer, "error_code", 0) if hasattr(answer, "topics") else 0
        if code:
            problem = errors.for_code(code)
            if issubclass(problem, _MOVED):
                self.coordinator_dead()
            raise problem(f"offsets of group {self.group_id}")
        return answer

    async def _do_heartbeat(self) -> Any:
        was_member = self.generation > 0
        beaten = await super()._do_heartbeat()
        if was_member and self.generation <= 0 and self._group_instance_id is not None:
            # Joining again would evict whoever took our place; aiokafka would, as the same static member.
            end_process("membership_lost")
        return beaten


class StrictConsumer(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka ships no types
    """aiokafka's group consumer with the strict coordinator."""

    async def start(self) -> None:
        """Connects; the group is joined on `subscribe`, so the coordinator has asked for nothing yet."""
        await super().start()
        # start() builds the coordinator itself and offers no way to name its class.
        if isinstance(self._coordinator, GroupCoordinator):
            self._coordinator.__class__ = StrictCoordinator

    async def stop(self) -> None:
        """Leaves the group at once. A static member would only be missed: right for a crash, whose restart takes its place."""
        if isinstance(self._coordinator, GroupCoordinator):
            self._coordinator._group_instance_id = None  # noqa: SLF001
        await super().stop()
