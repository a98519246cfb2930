"""A small consistent run as its evidence: what senders logged and what the topics would hold."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deploy.local.demo.dump import Dump, Record
from deploy.local.demo.sendlog import Sent

AT = "2024-05-03T20:40:00.000000Z"
AT_MS = 1_714_768_800_000


class Evidence:
    """Grows record by record; offsets and books follow."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.received: list[dict[str, Any]] = []
        self.sent: list[Sent] = []
        self.books: Counter[str] = Counter()
        self._offsets: Counter[str] = Counter()

    def put(
        self,
        topic: str,
        key: str,
        data: Any,
        type_: str = "",
        *,
        after_ms: int = 0,
        headers: dict[str, str] | None = None,
    ) -> None:
        """One record on partition 0 of a topic."""
        named = {"ce_type": type_, "ce_id": f"{topic}-{self._offsets[topic]}"} if type_ else {}
        value = data if isinstance(data, str) else json.dumps(data)
        self.records.append(
            Record(topic, 0, self._offsets[topic], AT_MS + after_ms, key, {**named, **(headers or {})}, value)
        )
        self._offsets[topic] += 1

    def report(self, number: int, *, door: str = "http", band: str = "P1", wait_ms: int = 40) -> "Evidence":
        """A report that became a case whose one track was accepted."""
        case, track, pair = f"case-{number}", f"track-{number}", self._sent(number, door)
        incident = {"source": pair[0], "report_id": pair[1]}
        topic = "incidents.p0" if band == "P0" else "incidents"
        self.put(topic, "roof", incident, "eu.sameroof.report.v1.submitted", headers={"ce_correlationid": case})
        opened = {"case_id": case, "version": 1, **incident}
        self.put("case.events", case, opened, "eu.sameroof.case.v1.opened")
        self._track(case, track, band, wait_ms)
        standing = {"track_id": track, "pillar": "legal", "desk_id": "legal-be", "state": "accepted"}
        self.put("cases", case, {"case_id": case, "version": 2, "state": "stabilised", "tracks": [standing]})
        self.books.update({"read": 1, "attached": 1, "opened": 1, "open": 1})
        return self

    def _sent(self, number: int, door: str) -> tuple[str, str]:
        if door == "http":
            self.sent.append(Sent("http", f"key-{number}", "crowd", True, 1, AT, case_id=f"case-{number}"))
            return "urn:sameroof:intake", f"report-{number}"
        source = "urn:partner:proximus:crm"
        self.sent.append(published(f"report-{number}", offset=number, source=source))
        return source, f"report-{number}"

    def _track(self, case: str, track: str, band: str, wait_ms: int) -> None:
        lane = "dispatch.legal.p0" if band == "P0" else "dispatch.legal"
        taken = {"track_id": track, "case_id": case, "epoch": 1, "band": band, "received_at": AT, "desk_id": "legal-be"}
        self.put(lane, track, taken, "eu.sameroof.dispatch.v1.taken")
        self.put("desks.legal", f"track/{track}", {"dispatch": taken, "state": "offered"}, after_ms=wait_ms)
        for fact in ("offered", "accepted"):
            told = {"track_id": track, "case_id": case, "responder_id": "r-1", "epoch": 1}
            self.put("progress", "roof", told, f"eu.sameroof.progress.v1.{fact}")
        moved = {"case_id": case, "version": 2, "track_id": track}
        self.put("case.events", case, moved, "eu.sameroof.case.v1.track_moved")

    def dump(self) -> Dump:
        """Everything so far, with books and positions that match it."""
        closing = Evidence()
        closing._offsets = Counter({"router.state": 90, "desks.legal": 9_000})
        inputs = {topic: self._offsets[topic] for topic in ("incidents.p0", "incidents", "commands", "progress")}
        closing.put("router.state", "books", {"state_version": 1, **self.books})
        closing.put("router.state", "positions", {"partition": 0, "inputs": inputs})
        desk = {topic: self._offsets[topic] for topic in ("dispatch.legal.p0", "dispatch.legal", "commands.legal")}
        closing.put("desks.legal", "books", {"taken": sum(desk.values())})
        closing.put("desks.legal", "positions", {"partition": 0, "inputs": desk})
        return Dump((*self.records, *closing.records), tuple(self.received))


def published(key: str, *, offset: int, kind: str = "report", source: str = "urn:partner:proximus:crm") -> Sent:
    """A partner's record as its sender logged it."""
    topic = "partner.proximus.incidents"
    return Sent("partner", key, "crowd", True, 1, AT, kind=kind, source=source, topic=topic, partition=0, offset=offset)


def without(dump: Dump, dropped: Callable[[Record], bool]) -> Dump:
    """The dump as if some records had never been written."""
    return replace(dump, records=tuple(one for one in dump.records if not dropped(one)))


def doubled(dump: Dump, again: Callable[[Record], bool]) -> Dump:
    """The dump as if some records had been written twice, one right after the other."""
    twice = [copy for one in dump.records for copy in ([one, one] if again(one) else [one])]
    return replace(dump, records=tuple(twice))
