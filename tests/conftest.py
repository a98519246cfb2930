"""Fixtures every suite may ask for."""

import gc
import os
from collections.abc import Callable, Iterator

import hypothesis
import pytest

from deploy.local.kafka import Broker, Missing, provide
from deploy.local.tools import TOOLS

# How fast a machine is says nothing about the code. Before a commit fewer examples are tried; `make test` tries all.
UNHURRIED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("unhurried", UNHURRIED)
hypothesis.settings.register_profile("quick", UNHURRIED, max_examples=30)
hypothesis.settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """What was imported stays: looking through it for garbage again and again takes a tenth of a run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """One real broker of one node for the whole session, started by the first test that asks."""
    try:
        broker = provide()
    except Missing as missing:
        pytest.exit(f"These tests need a real Kafka: {missing}", returncode=1)
    yield broker
    broker.close()


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """Gives the path of a system program named in deploy/local/tools.py; skips the test without it, fails it in CI."""

    def find(name: str) -> str:
        wanted = TOOLS[name]
        path = wanted.find()
        if path is None:
            lacking = f"{name} is missing, needed for {wanted.needed_for}: {wanted.remedy}"
            if wanted.strict and os.environ.get("SAMEROOF_STRICT") == "1":
                pytest.fail(lacking, pytrace=False)
            pytest.skip(lacking)
        return path

    return find
