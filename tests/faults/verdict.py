"""Was anything lost, doubled or counted wrongly? The senders' log against read_committed dumps; knows nothing of the services."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.case_facts import case_type
from schemas.topics import (
    CASE_EVENT_LOG,
    CASES,
    INCIDENTS,
    INCIDENTS_P0,
    ROUTER_STATE,
    dead,
    desks,
    dispatch,
)
from schemas.words import Pillar
from tests.stage.dumps import Kept, dump

OPENED, REPEATED, DISPATCHED = (case_type(fact) for fact in ("opened", "report_repeated", "track_dispatched"))
DISPATCH_TOPICS = tuple(dispatch(pillar, urgent=urgent).name for pillar in Pillar for urgent in (True, False))
BOOK = ("read", "attached", "repeated", "dead_lettered", "opened", "open", "closed", "merged")

Pair = tuple[str, str]


@dataclass
class Verdict:
    """Counts, and every complaint in words; no complaint means that all is well."""

    acked: int = 0
    reports: int = 0
    cases: int = 0
    dispatched: int = 0
    lost: int = 0
    duplicated: int = 0
    complaints: list[str] = field(default_factory=list)

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Complains unless both are equal."""
        if found != wanted:
            self.complaints.append(f"{what}: {found}, should be {wanted}")

    def shown(self) -> str:
        """One line of figures, then the complaints."""
        head = f"acknowledged {self.acked}, distinct {self.reports}, cases {self.cases}, dispatches {self.dispatched}, "
        return "\n  ".join([head + f"lost {self.lost}, duplicated {self.duplicated}", *self.complaints[:20]])


def reach_verdict(bootstrap: str, log: Path) -> Verdict:
    """Compares the log of acknowledgements with what the bus holds."""
    acked = Counter(_pair(json.loads(line)) for line in log.read_text().splitlines())
    verdict = Verdict(acked=acked.total(), reports=len(acked))
    arrived = dump(bootstrap, INCIDENTS.name, INCIDENTS_P0.name)
    events = dump(bootstrap, CASE_EVENT_LOG.name)
    sent = dump(bootstrap, *DISPATCH_TOPICS)
    verdict.dispatched = len(sent)
    _reports(verdict, acked, arrived, events)
    _events(verdict, events)
    _dispatches(verdict, events, sent)
    letters = dump(bootstrap, dead("router").name, dead("responders").name)
    verdict.expect("dead letters", len(letters), 0)
    _cases(verdict, events, dump(bootstrap, CASES.name))
    _books(verdict, arrived, events, dump(bootstrap, ROUTER_STATE.name))
    _desk(verdict, sent, dump(bootstrap, desks(Pillar.TECHNICAL).name))
    return verdict


def _reports(verdict: Verdict, acked: Counter[Pair], arrived: list[Kept], events: list[Kept]) -> None:
    in_the_log = Counter(_pair(_data(record)) for record in arrived)
    verdict.expect("reports acknowledged but not in the log", len(set(acked) - set(in_the_log)), 0)
    opened = Counter(_pair(_data(record)) for record in _of(events, OPENED))
    verdict.cases = opened.total()
    verdict.lost = sum(pair not in opened for pair in acked)
    verdict.duplicated = sum(count - 1 for count in opened.values())
    verdict.expect("lost", verdict.lost, 0)
    verdict.expect("duplicated", verdict.duplicated, 0)
    again = Counter(_pair(_data(record)) for record in _of(events, REPEATED))
    verdict.expect("reports opened or repeated", opened + again, in_the_log)


def _events(verdict: Verdict, events: list[Kept]) -> None:
    verdict.expect("case events with an id twice", _doubles(events), 0)
    versions: dict[str, list[int]] = defaultdict(list)
    for record in events:
        versions[record.key or ""].append(_data(record)["version"])
    gaps = [case for case, seen in versions.items() if seen != list(range(1, len(seen) + 1))]
    verdict.expect("cases whose versions have a gap or a fork", gaps[:5], [])


def _dispatches(verdict: Verdict, events: list[Kept], sent: list[Kept]) -> None:
    verdict.expect("dispatches with an id twice", _doubles(sent), 0)
    told = {(_data(record)["track_id"], _data(record)["epoch"]) for record in _of(events, DISPATCHED)}
    there = Counter((_data(record)["track_id"], _data(record)["epoch"]) for record in sent)
    verdict.expect("dispatches sent twice", there.total() - len(there), 0)
    verdict.expect("dispatches told but not sent, or sent but not told", len(told ^ set(there)), 0)
    wanted = sum(len(_data(record)["pillars"]) for record in _of(events, OPENED))
    verdict.expect("first dispatches", sum(epoch == 1 for _, epoch in there), wanted)


def _cases(verdict: Verdict, events: list[Kept], records: list[Kept]) -> None:
    last = {record.key: json.loads(record.value)["version"] for record in records if record.value is not None}
    verdict.expect("cases in the state", last, dict(Counter(record.key for record in events)))


def _books(verdict: Verdict, arrived: list[Kept], events: list[Kept], records: list[Kept]) -> None:
    books = {record.partition: json.loads(record.value or b"{}") for record in records if record.key == "books"}
    total = Counter({column: sum(book[column] for book in books.values()) for column in BOOK})
    opened = sum(1 for _ in _of(events, OPENED))
    recount = {
        "read": len(arrived),
        "attached": opened,
        "repeated": sum(1 for _ in _of(events, REPEATED)),
        "dead_lettered": 0,
        "opened": opened,
    }
    verdict.expect("the books", {column: total[column] for column in recount}, recount)
    verdict.expect("open, closed and merged", total["open"] + total["closed"] + total["merged"], opened)


def _desk(verdict: Verdict, sent: list[Kept], records: list[Kept]) -> None:
    """The technical desks run in the torture: their tracks and books must be those dispatched to them."""
    mine = [
        record
        for record in sent
        if record.topic in {dispatch(Pillar.TECHNICAL, urgent=each).name for each in (True, False)}
    ]
    tracks = {record.key.partition("/")[2] for record in records if record.key and record.key.startswith("track/")}
    verdict.expect("tracks on the desks", len(tracks ^ {record.key for record in mine}), 0)
    books = {record.partition: json.loads(record.value or b"{}") for record in records if record.key == "books"}
    verdict.expect("dispatches the desks have read", sum(book["taken"] for book in books.values()), len(mine))


def _doubles(records: Iterable[Kept]) -> int:
    ids = Counter((record.topic, record.headers["ce_id"]) for record in records)
    return ids.total() - len(ids)


def _of(events: Iterable[Kept], type_: str) -> Iterable[Kept]:
    return (record for record in events if record.headers["ce_type"] == type_.encode())


def _data(record: Kept) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(record.value or b"{}")
    return found


def _pair(told: dict[str, Any]) -> Pair:
    return told["source"], told["report_id"]
