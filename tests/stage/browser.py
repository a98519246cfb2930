"""A real browser: how Chromium is started on a machine without a screen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> str:
    """Its path; without it the test is skipped, or fails in CI."""
    tool: Callable[[str], str] = request.getfixturevalue("tool")
    return tool("chromium")


@contextmanager
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium at this path, closed afterwards."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()
