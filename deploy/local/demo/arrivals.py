"""Where did every report go? Read by the router, attached to a case, repeated, or a dead letter: recounted from the topics."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from deploy.local.demo.dump import Dump, Record
from deploy.local.demo.sendlog import Sent

Pair = tuple[str, str]  # source and id: what makes a report one report
HTTP_SOURCE = "urn:sameroof:intake"
REPORTS = r"incidents(\.p0)?"
CASE_EVENTS = r"case\.events"


@dataclass
class Arrivals:
    """By pair: how often the router's topics carry it, the cases it opened, its repeats, and its dead letters.

    `turned_away` are the places (topic, partition, offset) of partner records that intake dead-lettered; `case_pairs` names the
    report behind a case id as intake derived it.
    """

    read: Counter[Pair] = field(default_factory=Counter)
    opened: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))
    repeated: Counter[Pair] = field(default_factory=Counter)
    refused: Counter[Pair] = field(default_factory=Counter)
    turned_away: set[tuple[str, int, int]] = field(default_factory=set)
    case_pairs: dict[str, Pair] = field(default_factory=dict)

    def kept(self, pair: Pair) -> int:
        """How many of a report's arrivals the router answers for."""
        return len(self.opened.get(pair, ())) + self.repeated[pair] + self.refused[pair]


def arrivals_of(dump: Dump) -> Arrivals:
    """The recount."""
    found = Arrivals()
    for record in dump.of(REPORTS):
        pair = _pair_of(record)
        found.read[pair] += 1
        found.case_pairs.setdefault(record.headers.get("ce_correlationid", ""), pair)
    for record in dump.of(CASE_EVENTS):
        if record.fact == "opened":
            found.opened[_pair_of(record)].append(record.data["case_id"])
        elif record.fact == "report_repeated":
            found.repeated[_pair_of(record)] += 1
    for record in dump.of(r"router\.dead"):
        if record.headers.get("dead_topic") in {"incidents", "incidents.p0"}:
            found.refused[_pair_of(record)] += 1
    for record in dump.of(r"intake\.dead"):
        headers = record.headers
        found.turned_away.add((headers["dead_topic"], int(headers["dead_partition"]), int(headers["dead_offset"])))
    return found


def _pair_of(record: Record) -> Pair:
    return str(record.data.get("source", "")), str(record.data.get("report_id", ""))


def lost(arrivals: Arrivals, sent: Iterable[Sent]) -> dict[Pair, str]:
    """What was acknowledged or read and is nowhere, by report, in words."""
    found: dict[Pair, str] = {}
    for pair, times in arrivals.read.items():
        if (kept := arrivals.kept(pair)) < times:
            found[pair] = f"report {pair[1]} of {pair[0]} was read {times} times and accounted for {kept} times"
    expected: Counter[Pair] = Counter()
    for one in sent:
        if not one.acked:
            continue
        if one.door == "http":
            found |= {pair: words for pair, words in _lost_over_http(arrivals, one).items() if pair not in found}
        elif (one.topic, one.partition, one.offset) not in arrivals.turned_away:
            expected[str(one.source), one.key] += 1
    for pair, times in expected.items():
        if (forwarded := arrivals.read[pair]) < times and pair not in found:
            found[pair] = (
                f"report {pair[1]} of {pair[0]} was acknowledged {times} times and forwarded {forwarded} times"
            )
    return found


def _lost_over_http(arrivals: Arrivals, one: Sent) -> dict[Pair, str]:
    if one.case_id is not None:
        pair = arrivals.case_pairs.get(one.case_id, (HTTP_SOURCE, one.key))
        opened = one.case_id in arrivals.opened.get(pair, ())
        return (
            {}
            if opened
            else {pair: f"the report with key {one.key} was answered with case {one.case_id}: no such case"}
        )
    pair = HTTP_SOURCE, one.report_id or one.key
    if arrivals.kept(pair):
        return {}
    return {pair: f"the report with key {one.key} was acknowledged and has no case and no dead letter"}
