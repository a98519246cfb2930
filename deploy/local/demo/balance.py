"""Do the books balance? What the router wrote into its books against a recount from the topics, and every track held by somebody."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from deploy.local.demo.arrivals import CASE_EVENTS, Arrivals
from deploy.local.demo.doubles import DISPATCH
from deploy.local.demo.dump import Dump

ROUTER_INPUTS = ("incidents.p0", "incidents", "commands", "progress")
PILLARS = ("technical", "legal", "financial", "psychological")
UNHELD = ("pending", "offered")
REFERRED = "not_covered_referred"  # served by others


def unread(dump: Dump) -> list[str]:
    """Inputs with records beyond the position their reader has committed."""
    read: dict[tuple[str, int], int] = {}
    for record in dump.latest(r"router\.state|desks\.\w+"):
        if record.key == "positions":
            read |= {(topic, record.partition): position for topic, position in record.data["inputs"].items()}
    newest: dict[tuple[str, int], int] = {}
    inputs = {*ROUTER_INPUTS, *(name for pillar in PILLARS for name in _desk_inputs(pillar))}
    for record in dump.records:
        if record.topic in inputs:
            newest[record.topic, record.partition] = record.offset
    behind = {place: offset for place, offset in newest.items() if read.get(place, 0) <= offset}
    return [f"{topic}-{partition} is not read to its end ({offset})" for (topic, partition), offset in behind.items()]


def _desk_inputs(pillar: str) -> tuple[str, ...]:
    return f"dispatch.{pillar}.p0", f"dispatch.{pillar}", f"commands.{pillar}"


def unbalanced(dump: Dump, arrivals: Arrivals) -> list[str]:
    """Every difference between the books, the snapshots and the recount, in words."""
    return [
        *_books(dump, recounted(dump, arrivals)),
        *_desk_books(dump),
        *_versions(dump),
        *_tracks(dump),
        *_pages(dump),
    ]


def recounted(dump: Dump, arrivals: Arrivals) -> dict[str, int]:
    """Both books from the topics alone, under the names the router's records use."""
    states = [record.data["state"] for record in dump.latest("cases")]
    closed, merged = states.count("closed"), states.count("merged")
    return {
        "read": arrivals.read.total(),
        "attached": sum(len(cases) for cases in arrivals.opened.values()),
        "repeated": arrivals.repeated.total(),
        "dead_lettered": arrivals.refused.total(),
        "opened": sum(1 for record in dump.of(CASE_EVENTS) if record.fact == "opened"),
        "open": len(states) - closed - merged,
        "closed": closed,
        "merged": merged,
    }


def kept_books(dump: Dump) -> dict[str, int]:
    """The router's books, summed over its partitions."""
    return _summed(dump, r"router\.state")


def _summed(dump: Dump, topic: str) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for record in dump.latest(topic):
        if record.key == "books":
            for name, count in record.data.items():
                total[name] += count
    total.pop("state_version", None)
    return dict(total)


def _books(dump: Dump, counted: dict[str, int]) -> Iterator[str]:
    read, kept = counted["read"], counted["attached"] + counted["repeated"] + counted["dead_lettered"]
    if read != kept:
        yield f"reports: {read} read, but {kept} attached, repeated or dead-lettered"
    opened, standing = counted["opened"], counted["open"] + counted["closed"] + counted["merged"]
    if opened != standing:
        yield f"cases: {opened} opened, but {standing} open, closed or merged"
    written = kept_books(dump)
    for name, count in counted.items():
        if written.get(name, 0) != count:
            yield f"the router's book says {written.get(name, 0)} {name}, the topics say {count}"


def _desk_books(dump: Dump) -> Iterator[str]:
    for pillar in PILLARS:
        written = sum(_summed(dump, rf"desks\.{pillar}").values())
        arrived = sum(1 for _ in dump.of("|".join(_desk_inputs(pillar)).replace(".", r"\.")))
        if written != arrived:
            yield f"the books of the {pillar} desks say {written} records read, their topics hold {arrived}"


def _versions(dump: Dump) -> Iterator[str]:
    """A case's facts are numbered from 1 without a gap, and its snapshot is as old as the last of them."""
    facts: dict[str, list[int]] = defaultdict(list)
    for record in dump.of(CASE_EVENTS):
        facts[record.data["case_id"]].append(record.data["version"])
    snapshots: dict[str, int] = {record.data["case_id"]: record.data["version"] for record in dump.latest("cases")}
    for case in sorted({*facts, *snapshots}):
        if facts[case] != list(range(1, snapshots.get(case, 0) + 1)):
            yield f"case {case} is at version {snapshots.get(case, 0)}, its events do not run from 1 to there"


def _tracks(dump: Dump) -> Iterator[str]:
    routed = {track["track_id"] for track in tracks(dump)}
    handed = {record.data["track_id"] for record in dump.of(DISPATCH)}
    taken = {(record.key or "")[6:] for record in dump.latest(r"desks\.\w+") if (record.key or "").startswith("track/")}
    if routed != handed:
        yield f"{len(routed ^ handed)} tracks are in a case or on a dispatch topic, but not in both"
    if handed != taken:
        yield f"{len(handed ^ taken)} tracks were dispatched or are at a desk, but not both"
    if unheld := [track for track in tracks(dump) if track["state"] in UNHELD]:
        yield f"{len(unheld)} tracks are with nobody, the first {unheld[0]['track_id']} at {unheld[0]['desk_id']}"


def tracks(dump: Dump) -> list[dict[str, Any]]:
    """Every track that was ever sent to a desk, as the latest snapshot of its case shows it."""
    every = (track for record in dump.latest("cases") for track in record.data["tracks"])
    return [track for track in every if track["state"] != REFERRED or track["desk_epoch"]]


def _pages(dump: Dump) -> Iterator[str]:
    raised = {
        record.data.get("group") or record.data["page_id"]
        for record in dump.of(CASE_EVENTS)
        if record.fact == "page_raised"
    }
    delivered = {one.get("page_id") for one in dump.received if one.get("kind") == "page"}
    if missing := raised - delivered:
        yield f"{len(missing)} pages were raised and never reached the page sink, the first {min(missing)}"
