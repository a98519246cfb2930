"""Reports that keep coming in while something else happens: a load that waits for nobody, slow enough for a busy machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.local.kafka import Broker
from tests.faults.report_sender import ReportSender
from tests.stage.fleet import wait_until

PAUSE_SECONDS = 0.04


@contextmanager
def reports_arriving(broker: Broker, seed: int) -> Iterator[list[dict[str, Any]]]:
    """Seeded reports come in all the while, whoever is there to read them; gives those the broker has."""
    acked: list[dict[str, Any]] = []
    sender, over = ReportSender(broker.bootstrap_servers, acked.append, seed), threading.Event()

    def send() -> None:
        while not over.wait(PAUSE_SECONDS):
            sender.send()
            sender.wait(0)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield acked
    finally:
        over.set()
        thread.join()


def more(acked: list[dict[str, Any]], number: int) -> None:
    """Returns once so many more have come in."""
    enough = len(acked) + number
    wait_until(f"{number} reports more", lambda: len(acked) >= enough)
