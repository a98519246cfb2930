"""The API process as a service of its Faust worker: what it is made of, the order it starts in, how it drains."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
from mode import Service

from services.intake.app import app_of
from services.intake.bus import Bus
from services.intake.calling import Api
from services.intake.commander import Commander
from services.intake.dead_man import DeadMan
from services.intake.following import Follower
from services.intake.limits import Limits
from services.intake.metrics import IntakeMetrics
from services.intake.notebook import Notebook
from services.intake.paging import pager_to_sink
from services.intake.read_model import ReadModel
from services.intake.settings import ApiSettings
from services.intake.tokens import KeysRefused, KeyStore
from services.intake.waiters import Waiters
from services.rules.detection import prepare
from services.runtime.clock import REFUSE_SECONDS
from services.runtime.delivery import Deliverer, means_of
from services.runtime.hosting import Host

KEY_RETRY_SECONDS = 2.0
DRAIN_SECONDS = 10
FORGET_SECONDS = 3_600.0
log = structlog.get_logger()


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the worker has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing to capture."""
        yield


class ApiService(Service):
    """Opens the files, follows the bus, serves; a background task that ends takes the process with it."""

    def __init__(self, hosted: Host, settings: ApiSettings, fresh_id: Callable[[], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._deliverer = Deliverer(means_of(settings), hosted.clock)
        self._api = furnish(hosted, settings, fresh_id, self._deliverer)
        self._server: Server | None = None
        self._served = asyncio.Event()
        hosted.health.ready_if(self._not_ready)

    async def on_start(self) -> None:
        """Keys first: a wrong key set ends the process before it listens."""
        api = self._api
        await self._read_keys()
        await api.notebook.open(api.now())
        await api.model.open(api.now())
        self.add_future(api.bus.run())
        self.add_future(api.follower.run())
        self.add_future(api.dead_man.run())
        self.add_future(self._keep_house())
        self._server = Server(
            uvicorn.Config(
                app_of(api),
                host=api.settings.http_host,
                port=api.settings.http_port,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=DRAIN_SECONDS,
            )
        )
        self.add_future(self._serve(self._server))

    async def on_stop(self) -> None:
        """Drains: no new connections, streams end, calls in progress get their answers."""
        self._api.stopping.now = True
        self._api.waiters.wake_streams()
        if self._server is not None:
            self._server.should_exit = True
            await self._served.wait()

    async def on_shutdown(self) -> None:
        """Closes the files last of all."""
        await self._deliverer.close()
        await self._api.notebook.close()
        await self._api.model.close()

    async def _serve(self, server: Server) -> None:
        try:
            await server.serve()
        finally:
            self._served.set()
        if not self.should_stop:
            raise RuntimeError("the HTTP server ended by itself")

    async def _read_keys(self) -> None:
        """Waits for the issuer's keys at first start. Raises `KeysRefused` for keys nobody should trust."""
        while not self._api.keys.ready and not self.should_stop:
            try:
                await self._api.keys.refresh()
            except KeysRefused:
                raise
            except (OSError, ValueError) as problem:
                log.warning("keys.unreadable", error=type(problem).__name__)
                await self.sleep(KEY_RETRY_SECONDS)

    async def _keep_house(self) -> None:
        while not self.should_stop:
            await self.sleep(FORGET_SECONDS)
            await self._api.notebook.forget_old(self._api.now())

    def _not_ready(self) -> str | None:
        if not self._api.keys.ready:
            return "no keys to verify tokens with"
        if self._api.bus.clock_apart_seconds > REFUSE_SECONDS:
            return "this machine's clock and the broker's are apart; synchronise them"
        return None if self._api.follower.caught_up else "the read model has not caught up yet"


def furnish(hosted: Host, settings: ApiSettings, fresh_id: Callable[[], str], deliverer: Deliverer) -> Api:
    """The parts of the process, none of them started."""
    prepare()
    metrics, waiters, bus, now = (
        IntakeMetrics(hosted.registry),
        Waiters(),
        Bus(settings, hosted.clock),
        hosted.clock.now,
    )
    model = ReadModel(settings.state_dir / "read_model.sqlite")
    notebook = Notebook(settings.state_dir / "notebook.sqlite")
    follower = Follower(settings, model, waiters, metrics=metrics, now=now)
    deliver = pager_to_sink(settings, deliverer)
    dead_man = DeadMan(notebook, model, bus, follower=follower, waiters=waiters, deliver=deliver, metrics=metrics)
    return Api(
        settings=settings,
        releases=settings.releases(),
        now=now,
        fresh_id=fresh_id,
        keys=KeyStore(settings.jwks, dev_issuer=settings.dev_issuer, monotonic=time.monotonic),
        bus=bus,
        model=model,
        waiters=waiters,
        follower=follower,
        commander=Commander(bus, model, waiters, metrics),
        notebook=notebook,
        dead_man=dead_man,
        limits=Limits(per_second=settings.calls_per_second, burst=settings.calls_burst),
        metrics=metrics,
    )
