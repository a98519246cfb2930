"""Several edges of one process, started and stopped at the same time: one after the other, each would cost a second and a half."""

import asyncio
from collections.abc import Sequence

from mode import Service

from services.runtime.edge.application import EdgeApp


class Together(Service):
    """A service of the worker whose children are the edges; one that crashes ends the worker, as it would alone."""

    abstract = False

    def __init__(self, edges: Sequence[EdgeApp]) -> None:
        super().__init__()
        self._edges = edges
        for edge in edges:
            edge.beacon.reattach(self.beacon)

    async def on_start(self) -> None:
        """Returns once all are started; one that cannot start raises."""
        await asyncio.gather(*(edge.maybe_start() for edge in self._edges))

    async def on_stop(self) -> None:
        """Returns once all have left their groups."""
        await asyncio.gather(*(edge.stop() for edge in self._edges))
