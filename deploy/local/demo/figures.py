"""What came out? The figures of `.local/demo.json`, from the senders' logs and the dump."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from deploy.local.demo.arrivals import CASE_EVENTS, Arrivals
from deploy.local.demo.balance import PILLARS, UNHELD, tracks
from deploy.local.demo.dump import Dump
from deploy.local.demo.sendlog import Sent

BANDS = ("P0", "P1", "P2", "P3")


def figures_of(dump: Dump, arrivals: Arrivals, sent: Sequence[Sent]) -> dict[str, Any]:
    """`reports` counts what senders know was taken, each once; `offered` and `accepted` count tracks; times are milliseconds."""
    standing = tracks(dump)
    by_pillar = Counter(track["pillar"] for track in standing)
    opened = {case for cases in arrivals.opened.values() for case in cases}
    return {
        "reports": len({(one.door, one.source, one.key) for one in sent if one.acked and one.kind != "broken"}),
        "dead_letters": sum(1 for _ in dump.of(r"\w+\.dead")),
        "repeated": arrivals.repeated.total(),
        "cases": len(opened),
        "tracks": {pillar: by_pillar[pillar] for pillar in PILLARS},
        "offered": len(_tracks_that(dump, "offered")),
        "accepted": len(_tracks_that(dump, "accepted")),
        "unassigned": sum(track["state"] in UNHELD for track in standing),
        "pages": len({one.get("page_id") for one in dump.received if one.get("kind") == "page"}),
        "pages_acknowledged": sum(1 for one in dump.of(CASE_EVENTS) if one.fact == "page_acknowledged"),
        "receipt_to_offer_ms": receipt_to_offer(dump),
    }


def _tracks_that(dump: Dump, fact: str) -> set[str]:
    return {one.data["track_id"] for one in dump.of("progress") if one.fact == fact}


def receipt_to_offer(dump: Dump) -> dict[str, dict[str, float | int]]:
    """By band: our receipt of the report to the first record of its track that says `offered`, as the broker appended it."""
    waits: dict[str, list[float]] = defaultdict(list)
    seen: set[str] = set()
    for record in dump.of(r"desks\.\w+"):
        if record.data.get("state") != "offered" or record.key in seen:
            continue
        seen.add(record.key or "")
        dispatch = record.data["dispatch"]
        received = datetime.fromisoformat(dispatch["received_at"]).timestamp() * 1_000
        waits[dispatch["band"]].append(record.at_ms - received)
    return {band: _spread(waits[band]) for band in BANDS if waits[band]}


def _spread(waits: list[float]) -> dict[str, float | int]:
    ordered = sorted(waits)

    def percentile(share: float) -> float:
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1)

    return {"p50": percentile(0.50), "p99": percentile(0.99), "tracks": len(ordered)}
