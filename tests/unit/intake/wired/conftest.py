"""The API's fixtures with the machines behind the bus."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from fastapi import FastAPI

from schemas.catalogue import Catalogue, Releases
from services.intake.bus import Bus
from services.intake.calling import Api
from services.intake.limits import Limits
from services.intake.settings import ApiSettings
from services.runtime.clock import Clock
from tests.unit.intake.conftest import Signer
from tests.unit.intake.wired.door import Desk, Wire, shipped


@pytest.fixture
def catalogue() -> Catalogue:
    """What everything is decided by; a test that plays with another one says so in its own module."""
    return shipped()


@pytest.fixture
def bus(settings: ApiSettings, clock: Clock, catalogue: Catalogue) -> Bus:
    return Wire(settings, clock, catalogue)


@pytest.fixture
async def desk(api: Api, app: FastAPI, bus: Bus, signer: Signer) -> AsyncIterator[Desk]:
    assert isinstance(bus, Wire)
    bus.api = api
    releases = Releases(bus.catalogue, [api.releases.own])
    app.state.api = replace(api, limits=Limits(per_second=1_000, burst=10_000), releases=releases)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake.test") as client:
        yield Desk(client, signer, bus)
