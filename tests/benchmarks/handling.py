"""What does the router's `handle` cost for a report of a household with five open cases, against one strict parse of the same report?

`python -m tests.benchmarks.handling [--households N]`. Both in one run, taking turns; encoding of what leaves is not counted.
The bound is a ratio of 20.
"""

import argparse
import gc
import json
import platform
import statistics
import time
from datetime import UTC, datetime, timedelta

from schemas import topics
from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.envelope import encode
from schemas.messages import read
from schemas.words import Channel, Role
from services.router.machine import ALLOWED, RouterMachine
from services.rules.admission import admit, event_of, report_of
from services.rules.machine import Message
from tests.shipped import CATALOGUE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OPEN_CASES = ("phishing", "bank_fraud", "malware", "defamation", "account_takeover")
URGENT: dict[str, object] = {
    "code": "sextortion",
    "signals": ["minor", "attacker_deadline"],
    "victim_age_band": "15_17",
    "country": "BE",
    "language": "fr",
    "deadline_at": (NOW + timedelta(hours=2)).isoformat(),
    "platform": "instagram",
    "personal": {"free_text": "Somebody wants money tonight or the photo goes to the whole class. " * 4},
}


def message(body: dict[str, object], household: str, name: str, released: Catalogue) -> Message:
    """A report as the router reads it from its lane."""
    report = report_of(
        admit(json.dumps(body | {"household_id": household}).encode(), sender=None, at=NOW, catalogue=released),
        source="urn:sameroof:intake",
        report_id=name,
        channel=Channel.AGENT,
        actor=Actor(role=Role.AGENT, id="agent-1"),
        received_at=NOW,
    )
    lane, event = event_of(report, released)
    value, headers = encode(event)
    return Message(lane.name, 0, 0, household.encode(), value, headers, NOW)


def measure(households: int) -> tuple[list[float], list[float]]:
    """Microseconds of each `handle` and of each parse."""
    released = CATALOGUE
    machine = RouterMachine(released)
    names = [f"00000000-0000-4000-8000-{number:012d}" for number in range(households)]
    for household in names:
        for number, code in enumerate(OPEN_CASES):
            body: dict[str, object] = {"code": code, "country": "BE", "language": "fr"}
            machine.handle(message(body, household, f"{household}-{number}", released), NOW)
    handled, parsed = [], []
    gc.collect()
    gc.disable()
    for household in names:
        urgent = message(URGENT, household, f"{household}-urgent", released)
        began = time.perf_counter()
        read(urgent.value, urgent.headers, ALLOWED[topics.INCIDENTS_P0.name])
        between = time.perf_counter()
        machine.handle(urgent, NOW)
        handled.append((time.perf_counter() - between) * 1e6)
        parsed.append((between - began) * 1e6)
    gc.enable()
    return handled, parsed


def main() -> int:
    """Prints both and the ratio of the medians; exit status 1 above the bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=1_000, help="each has five open cases (default 1000)")
    handled, parsed = measure(parser.parse_args().households)
    handle, parse = statistics.median(handled), statistics.median(parsed)
    print(
        f"{platform.machine()}, Python {platform.python_version()}: handle {handle:.0f} us, strict parse {parse:.0f} us"
    )
    print(f"ratio {handle / parse:.1f} (bound 20)")
    return int(handle / parse > 20)


if __name__ == "__main__":
    raise SystemExit(main())
