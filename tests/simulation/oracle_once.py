"""I3: whatever arrived how often, its effect is there once, and its answer is always the same one."""

import json
from collections import Counter, defaultdict
from typing import Any

from tests.simulation.ledger import Ledger
from tests.simulation.told import Broken, Told

REPEATABLE = frozenset({"report_repeated"})  # each arrival of a report tells so
OWN_IDS = ("case.events", "dispatch.", "progress", "notices")
Effect = tuple[Any, ...]


class Once:
    """Judges ids, effects by cause, and answers."""

    def __init__(self, ledger: Ledger, machines: frozenset[str]) -> None:
        self._ledger = ledger
        self._machines = machines
        self._ids: set[tuple[str, str]] = set()
        self._effects: dict[Effect, int] = {}
        self._first: dict[str, Told] = {}
        self._arrivals: Counter[str] = Counter()
        self._dead: Counter[str] = Counter()
        self._commands: dict[tuple[str, int, int], str] = {}
        self._answers: defaultdict[str, list[Told]] = defaultdict(list)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        for told in commit:
            topic = told.topic
            if told.writer in self._machines and topic.startswith(OWN_IDS):
                self._id(told)
                if topic == "case.events":
                    self._effect(told)
            elif topic == "outcomes":
                self._answer(told)
            elif topic.startswith("commands"):
                self._arrivals[told.data.get("command_id", "")] += 1
                self._commands[told.place] = told.data.get("command_id", "")
            elif topic in {"router.dead", "responders.dead"}:
                self._dead_letter(told)

    def at_rest(self) -> None:
        """Every command that arrived was answered as often as it arrived."""
        for command_id, sent in self._ledger.commands.items():
            wanted = self._arrivals[command_id] - self._dead[command_id] if sent.awaited else 0
            found = len(self._answers[command_id])
            if found < wanted:
                raise Broken("I1", f"{sent.verb} {command_id} arrived {wanted} times and was answered {found} times")
            if found > wanted:
                raise Broken("I3", f"{sent.verb} {command_id} arrived {wanted} times and was answered {found} times")

    def _id(self, told: Told) -> None:
        if (told.topic, told.id) in self._ids:
            raise Broken("I3", f"{told.topic}: {told.fact} {told.id} was published twice")
        self._ids.add((told.topic, told.id))

    def _effect(self, told: Told) -> None:
        if told.cause is None or told.fact in REPEATABLE:
            return
        data = told.data
        content = json.dumps(
            {name: value for name, value in data.items() if name not in {"version", "at"}}, sort_keys=True
        )
        effect = (told.cause, told.fact, told.key, content)
        version = self._effects.setdefault(effect, data["version"])
        if version != data["version"]:
            raise Broken(
                "I3", f"{told.cause} caused {told.fact} on {told.key} twice (versions {version}, {data['version']})"
            )

    def _answer(self, told: Told) -> None:
        before = self._first.setdefault(told.key, told)
        self._answers[told.key].append(told)
        if before is told:
            return
        data, first = told.data, before.data
        if told.fact == "done" and not data.get("repeated"):
            raise Broken("I3", f"{told.key} was carried out twice: {first} and {data}")
        report = self._ledger.reports.get(("urn:sameroof:intake", told.key))
        if report is not None and len(report.bodies) > 1:
            return  # the same id with another body: the first one stands, the other one is told so
        same = ["reason"] if report is not None else ["reason", "version"]
        if told.fact != before.fact or any(data.get(name) != first.get(name) for name in same):
            raise Broken("I3", f"{told.key} was answered {before.fact} {first} and then {told.fact} {data}")
        if data["subject"] != first["subject"] and not self._went_over(first["subject"], data["subject"]):
            raise Broken("I3", f"{told.key} was answered about {first['subject']} and then about {data['subject']}")

    def _went_over(self, case: str, other: str) -> bool:
        """Whether a report of one case may be of the other by now: merged into it, or split off."""
        record = self._ledger.cases.get(case, {})
        return bool(record.get("merged_into")) or any(link["case_id"] == other for link in record.get("links", ()))

    def _dead_letter(self, told: Told) -> None:
        headers = told.headers
        place = (headers["dead_topic"], int(headers["dead_partition"]), int(headers["dead_offset"]))
        self._dead[self._commands.get(place, "")] += 1
