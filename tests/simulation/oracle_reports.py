"""I1, I7 and I11: every report taken has a case or a dead letter, every P0 goes out whoever it is for, the books agree with the log."""

from collections import Counter
from dataclasses import dataclass, field

from schemas.catalogue import Catalogue
from tests.simulation.ledger import Ledger, Pair
from tests.simulation.told import Broken, Told

LANES = ("incidents", "incidents.p0")
ARRIVED = frozenset({"opened", "report_attached", "report_repeated"})
COLUMNS = ("read", "attached", "repeated", "dead_lettered")
UNHANDLED = frozenset({"handler_failed", "killed_process"})


@dataclass(slots=True)
class Fate:
    """What became of the arrivals of one report in the lanes."""

    arrivals: int = 0
    opened: int = 0
    attached: int = 0
    repeated: int = 0
    dead: int = 0
    unhandled: int = 0
    at_the_door: int = 0
    answers: int = 0


@dataclass(slots=True)
class Reports:
    """Judges what became of reports."""

    ledger: Ledger
    catalogue: Catalogue
    _fates: dict[Pair, Fate] = field(default_factory=dict)
    _pair_of: dict[tuple[str, int, int], Pair] = field(default_factory=dict)
    _letters: dict[tuple[str, int, int], set[str]] = field(default_factory=dict)
    _reasons: dict[tuple[str, int, int], str] = field(default_factory=dict)
    _books: dict[int, dict[str, int]] = field(default_factory=dict)
    _kills: bool = False

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        for told in commit:
            topic = told.topic
            if topic in LANES and "report_id" in told.data:
                pair = (told.data["source"], told.data["report_id"])
                self._pair_of[told.place] = pair
                self._fate(pair).arrivals += 1
            elif topic == "case.events" and told.fact in ARRIVED and not told.data.get("split_from"):
                fate = self._fate((told.data["source"], told.data["report_id"]))
                self._counts(told, fate, commit)
            elif topic.endswith(".dead"):
                self._letter(told)
            elif topic == "outcomes":
                self._fate(("urn:sameroof:intake", told.key)).answers += 1
            elif told.key == "books" and topic == "router.state":
                self._books[told.kept.partition] = told.data

    def at_rest(self) -> None:
        """Everything taken is somewhere; nothing is anywhere twice."""
        for pair, sent in self.ledger.reports.items():
            fate = self._fate(pair)
            if sent.landed and not (fate.opened or fate.attached or fate.dead or fate.at_the_door):
                raise Broken("I1", f"report {pair} was taken and has neither case nor dead letter: {fate}")
            if fate.opened + fate.attached + fate.repeated + fate.dead != fate.arrivals:
                raise Broken("I3", f"report {pair} arrived {fate.arrivals} times, but: {fate}")
            wanted = fate.arrivals - fate.unhandled if sent.awaited else 0
            if fate.answers != wanted:
                raise Broken("I1" if fate.answers < wanted else "I3", f"report {pair} was answered so often: {fate}")
        self._dead_letters()
        self._balance()

    def _fate(self, pair: Pair) -> Fate:
        return self._fates.setdefault(pair, Fate())

    def _counts(self, told: Told, fate: Fate, commit: list[Told]) -> None:
        if told.fact == "report_repeated":
            fate.repeated += 1
            return
        fate.opened += told.fact == "opened"
        fate.attached += told.fact == "report_attached"
        pair = (told.data["source"], told.data["report_id"])
        if fate.opened + fate.attached > 1:
            raise Broken("I3", f"report {pair} is in two cases")
        if told.fact == "report_attached":
            return
        sent = self.ledger.reports.get(pair)
        if sent is not None and sent.surely_p0 and len(sent.bodies) == 1 and told.data["band"] != "P0":
            raise Broken("I7", f"report {pair} told of danger and became {told.data['band']}")
        if told.data["band"] == "P0":
            self._goes_out(told, commit)

    def _goes_out(self, opened: Told, commit: list[Told]) -> None:
        """Member or not: every pillar concerned has its track on the P0 lane in the transaction that opens the case."""
        entry = self.catalogue.incidents.codes[opened.data["code"]]
        wanted = {entry.lead, *entry.support}
        there = {
            told.data["pillar"]
            for told in commit
            if told.topic.startswith("dispatch.") and told.topic.endswith(".p0") and told.data["case_id"] == opened.key
        }
        if not wanted <= there:
            raise Broken(
                "I7", f"P0 case {opened.key} ({opened.data['code']}): {sorted(wanted - there)} were not dispatched"
            )

    def _letter(self, told: Told) -> None:
        headers = told.headers
        place = (headers["dead_topic"], int(headers["dead_partition"]), int(headers["dead_offset"]))
        letters = self._letters.setdefault(place, set())
        if told.topic != "intake.dead" and letters:
            raise Broken("I11", f"{place} became two dead letters")
        letters.add(headers["dead_id"])
        self._reasons[place] = headers["dead_reason"]
        if told.topic == "router.dead" and place in self._pair_of:
            fate = self._fate(self._pair_of[place])
            fate.dead += 1
            fate.unhandled += headers["dead_reason"] in UNHANDLED
        elif told.topic == "intake.dead":
            self._fate((headers.get("ce_source", ""), headers.get("ce_id", ""))).at_the_door += 1

    def _dead_letters(self) -> None:
        for place in self.ledger.garbage:
            if len(self._letters.get(place, ())) != 1:
                raise Broken("I11", f"{place} is unreadable and has dead letters {self._letters.get(place)}")
        for place, reason in self._reasons.items():
            known = place in self.ledger.garbage or place in self.ledger.poisoned or reason == "killed_process"
            pair = self._pair_of.get(place)
            conflict = reason == "id_conflict" and pair is not None and len(self.ledger.reports[pair].bodies) > 1
            if not (known or conflict):
                raise Broken("I11", f"{place} became a dead letter ({reason}) for no reason")

    def _balance(self) -> None:
        """DESIGN section 8: the books of the partitions are what the log says."""
        total = Counter({column: sum(book.get(column, 0) for book in self._books.values()) for column in COLUMNS})
        fates = self._fates.values()
        opened = sum(fate.opened for fate in fates)
        lanes = [place for place in self._letters if place[0] in LANES]
        unreadable = sum(place not in self._pair_of for place in lanes)
        recount = {
            "read": sum(fate.arrivals for fate in fates) + unreadable,
            "attached": opened + sum(fate.attached for fate in fates),
            "repeated": sum(fate.repeated for fate in fates),
            "dead_lettered": sum(fate.dead for fate in fates) + unreadable,
        }
        if dict(total) != recount:
            raise Broken("I9", f"the books say {dict(total)}, the log {recount}")
