"""An API of real parts without a bus: everything that needs none is tried here, the rest in tests/integration."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from schemas.catalogue import load_releases
from schemas.notices import NoticeIssued
from schemas.words import Role
from services.intake.app import bare_app
from services.intake.bus import Bus
from services.intake.calling import Api
from services.intake.commander import Commander
from services.intake.dead_man import DeadMan
from services.intake.following import Follower
from services.intake.limits import Limits
from services.intake.metrics import IntakeMetrics
from services.intake.notebook import Notebook
from services.intake.read_model import ReadModel
from services.intake.settings import ApiSettings
from services.intake.tokens import KeyStore
from services.intake.waiters import Waiters
from services.runtime.clock import Clock
from services.runtime.devissuer import AUDIENCE, ISSUER, DevIssuer

NOWHERE = "127.0.0.1:1"
BOARD_CODE = "one-time"
LINK_SECRET = "what links are made of, in tests only"


@dataclass(frozen=True)
class Signer:
    """Mints tokens of the dev issuer."""

    issuer: DevIssuer
    clock: Clock

    def token(self, role: Role, subject: str | None = None, life: timedelta = timedelta(hours=1)) -> str:
        """A token of one role."""
        return self.issuer.token(subject or f"dev-{role}", [role], now=self.clock.now(), life=life)

    def system_of(self, organisation: str, role: Role = Role.RESPONDER) -> dict[str, str]:
        """What the system of an outside organisation sends."""
        life = timedelta(hours=1)
        token = self.issuer.token("its-system", [role], now=self.clock.now(), life=life, organisation=organisation)
        return {"Authorization": f"Bearer {token}"}

    def header(self, role: Role, subject: str | None = None) -> dict[str, str]:
        """What a caller of this role sends."""
        return {"Authorization": f"Bearer {self.token(role, subject)}"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(tmp_path: Path, clock: Clock) -> Signer:
    return Signer(DevIssuer(tmp_path / "issuer"), clock)


@pytest.fixture
def settings(tmp_path: Path, signer: Signer) -> ApiSettings:
    return ApiSettings(
        kafka_bootstrap_servers=NOWHERE,
        household_partitions=4,
        desk_partitions=2,
        replication=1,
        state_dir=tmp_path / "state",
        jwks=str(signer.issuer.jwks),
        issuer=ISSUER,
        audience=AUDIENCE,
        dev_issuer=True,
        calls_per_second=0.1,
        calls_burst=8,
        board_code=SecretStr(BOARD_CODE),
        link_secret=SecretStr(LINK_SECRET),
    )


class Sink:
    """Takes pages in the test's own process, or refuses them for a while."""

    def __init__(self) -> None:
        self.taken: list[NoticeIssued] = []
        self.asked = asyncio.Event()
        self.open = True

    async def deliver(self, notice: NoticeIssued) -> bool:
        """Whether the page was taken."""
        if self.open:
            self.taken.append(notice)
        self.asked.set()
        return self.open


@pytest.fixture
def sink() -> Sink:
    return Sink()


_releases = cache(load_releases)  # nobody changes what they hold


@pytest.fixture
def bus(settings: ApiSettings, clock: Clock) -> Bus:
    return Bus(settings, clock)


@pytest.fixture
async def api(settings: ApiSettings, clock: Clock, sink: Sink, bus: Bus) -> AsyncIterator[Api]:
    metrics, waiters = IntakeMetrics(CollectorRegistry()), Waiters()
    model, notebook = (
        ReadModel(settings.state_dir / "read_model.sqlite"),
        Notebook(settings.state_dir / "notebook.sqlite"),
    )
    follower = Follower(settings, model, waiters, metrics=metrics, now=clock.now)
    made = Api(
        settings=settings,
        releases=_releases(settings.catalogue),
        now=clock.now,
        fresh_id=lambda: str(uuid4()),
        keys=KeyStore(settings.jwks, dev_issuer=True, monotonic=time.monotonic),
        bus=bus,
        model=model,
        waiters=waiters,
        follower=follower,
        commander=Commander(bus, model, waiters, metrics),
        notebook=notebook,
        dead_man=DeadMan(
            notebook,
            model,
            bus,
            deliver=sink.deliver,
            follower=follower,
            waiters=waiters,
            metrics=metrics,
        ),
        limits=Limits(per_second=settings.calls_per_second, burst=settings.calls_burst),
        metrics=metrics,
    )
    await notebook.open(clock.now())
    await model.open(clock.now())
    yield made
    await model.close()
    await notebook.close()


@pytest.fixture(scope="session")
def app() -> FastAPI:
    return bare_app()


@pytest.fixture
async def client(api: Api, app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    app.state.api = api
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake.test") as made:
        yield made
