"""The operations side of a process as a service of its worker: the port, and the clock's second hand."""

from typing import Any

import structlog
from aiohttp import web
from mode import Service

from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.metrics import RuntimeMetrics
from services.runtime.settings import RuntimeSettings


class Operations(Service):
    """Listens on the operations port and watches the clock once a second."""

    def __init__(
        self, settings: RuntimeSettings, health: Health, clock: Clock, metrics: RuntimeMetrics, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._settings = settings
        self._health = health
        self._clock = clock
        self._metrics = metrics
        self._runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        """Listens first of all, so that a slow start can be seen."""
        self._runner, port = await self._health.serve(self._settings.ops_host, self._settings.ops_port)
        structlog.get_logger().info("operations.listening", port=port)

    async def on_stop(self) -> None:
        """Stops listening last of all."""
        if self._runner is not None:
            await self._runner.cleanup()

    @Service.timer(1.0)
    async def _second_hand(self) -> None:
        was = self._clock.slewing
        ahead = self._clock.check()
        self._metrics.clock_ahead.set(ahead)
        self._metrics.clock_slewing.set(self._clock.slewing)
        if self._clock.slewing and not was:
            structlog.get_logger().critical("clock.slewing", seconds=round(ahead, 3))
