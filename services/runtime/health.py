"""The operations port: is it alive, is it ready, its metrics, and for tests the state of its partitions."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Check = Callable[[], str | None]
State = Callable[[], Awaitable[dict[str, Any]]]


class Health:
    """What the operations port says. Services add their checks; a check returns what is wrong, or None.

    `/livez` fails only for what a restart cures; a stuck loop cannot even answer. `/readyz` fails until the service can
    do its work. `/state` shows `{partition: {digest, positions}}`; it is there when something was added to it before `serve`.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._alive: list[Check] = []
        self._ready: list[Check] = []
        self._states: list[State] = []

    def alive_if(self, check: Check) -> None:
        """Adds a reason for which the process must be restarted."""
        self._alive.append(check)

    def ready_if(self, check: Check) -> None:
        """Adds a reason for which the process gets no work yet."""
        self._ready.append(check)

    def shows(self, state: State) -> None:
        """Adds a part of `/state`."""
        self._states.append(state)

    def livez(self) -> list[str]:
        """Reasons to restart; empty is well."""
        return [wrong for check in self._alive if (wrong := check())]

    def readyz(self) -> list[str]:
        """Reasons to wait; empty is ready."""
        return [wrong for check in self._ready if (wrong := check())]

    async def serve(self, host: str, port: int) -> tuple[web.AppRunner, int]:
        """Listens; returns what to clean up at the end, and the port (given, or a free one for 0)."""
        app = web.Application()
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        if self._states:
            app.router.add_get("/state", self._state)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        return runner, int(runner.addresses[0][1])

    async def _livez(self, _: web.Request) -> web.Response:
        return _verdict(self.livez())

    async def _readyz(self, _: web.Request) -> web.Response:
        return _verdict(self.readyz())

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _state(self, _: web.Request) -> web.Response:
        shown: dict[str, Any] = {}
        for state in self._states:
            shown |= await state()
        return web.json_response(shown)


def _verdict(wrong: list[str]) -> web.Response:
    return web.json_response({"ok": not wrong, "wrong": wrong}, status=503 if wrong else 200)
