"""Everything one partition of households knows: cases, households, ids seen, commands answered, the books. Rebuilt from the changelog."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel

from schemas import topics
from schemas.active_release import ReleaseChoiceRecord
from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.commands import Command
from schemas.households import HouseholdRecord
from schemas.router_records import BooksRecord, PagedRecord, Seen, SeenRecord
from schemas.words import Band
from services.router.campaigns import CAMPAIGN_KINDS, Campaigns
from services.router.due import next_look
from services.router.grouping import PAGE_KINDS, Grouping
from services.rules import ids
from services.rules.answered import Answers
from services.rules.deadlines import Deadline, Deadlines
from services.rules.digest import digest_of
from services.rules.in_force import KEY as CATALOGUE
from services.rules.in_force import InForce
from services.rules.sides import side_of
from services.rules.step import Step

SEEN_FOR = timedelta(days=90)
A_DAY = timedelta(days=1)
MOST_SEEN = 128  # in one record: a partner may put all its reports under one reference
BOOKS = "books"
LOOK = "look"


@dataclass(slots=True)
class Partition:
    """The state of one partition, by the keys of its records."""

    in_force: InForce
    choice: ReleaseChoiceRecord | None = None
    cases: dict[str, CaseRecord] = field(default_factory=dict)
    households: dict[str, HouseholdRecord] = field(default_factory=dict)
    seen: dict[str, SeenRecord] = field(default_factory=dict)
    answers: Answers = field(init=False)
    paged: dict[str, PagedRecord] = field(default_factory=dict)
    campaigns: Campaigns = field(default_factory=Campaigns)
    books: BooksRecord = field(default_factory=BooksRecord)
    deadlines: Deadlines = field(default_factory=Deadlines)
    grouping: Grouping = field(init=False)
    _pairs: dict[tuple[str, str], Seen] = field(default_factory=dict)
    _of_household: dict[str, dict[str, None]] = field(default_factory=dict)
    _looks: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _of_key: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    _sided: dict[str, dict[str, None]] = field(default_factory=dict)
    _aliases: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.answers = Answers(topics.ROUTER_STATE, self.deadlines)
        self.grouping = Grouping(self.in_force, self.deadlines)

    def restore(self, topic: str, key: str, record: bytes | None) -> None:
        """One changelog record, oldest first; raises `pydantic.ValidationError` for one that is not ours."""
        if topic == topics.CASES.name:
            if record is not None:
                self.put_case(CaseRecord.model_validate_json(record))
        elif topic == topics.HOUSEHOLDS.name:
            if record is not None:
                self.households[key] = HouseholdRecord.model_validate_json(record)
        else:
            self._restore_small(key, record)

    def _restore_small(self, key: str, record: bytes | None) -> None:
        kind, _, subject = key.partition("/")
        if kind == "seen":
            self._put_seen(subject, None if record is None else SeenRecord.model_validate_json(record))
        elif kind == "answered":
            self.answers.restore(subject, record)
        elif kind == "paged" and record is not None:
            self.paged[subject] = PagedRecord.model_validate_json(record)
        elif kind in PAGE_KINDS:
            self.grouping.restore(kind, subject, record)
        elif kind in CAMPAIGN_KINDS and record is not None:
            self.campaigns.restore(kind, subject, record)
        elif kind == BOOKS and record is not None:
            self.books = BooksRecord.model_validate_json(record)
        elif kind == CATALOGUE and subject:
            self.choice = None if record is None else ReleaseChoiceRecord.model_validate_json(record)
        elif kind == CATALOGUE:
            self.in_force.restore(record)

    def put_case(self, case: CaseRecord) -> None:
        """Keep a case and note when to look at it again."""
        self._forget_arrivals(case)
        self.cases[case.case_id] = case
        self._of_household.setdefault(case.household_id, {})[case.case_id] = None
        if side_of(case).is_taken:
            self._sided.setdefault(case.household_id, {})[case.case_id] = None
        for one in case.arrivals if len(case.arrivals) > 1 or case.links else ():  # else it is called after the one
            self._aliases[ids.case_id(case.household_id, one.source, one.report_id)] = case.case_id
        for key in case.duplicate_keys:
            self._of_key.setdefault((case.household_id, key), {})[case.case_id] = None
        self.grouping.note(case)
        self._note_look(case)

    def _forget_arrivals(self, case: CaseRecord) -> None:
        """What a case no longer says of its reports is forgotten at once, as it would be after a restart."""
        before = self.cases.get(case.case_id)
        for one in before.arrivals if before is not None and before.arrivals is not case.arrivals else ():
            if one not in case.arrivals:
                alias = ids.case_id(case.household_id, one.source, one.report_id)
                if self._aliases.get(alias) == case.case_id:
                    del self._aliases[alias]

    def _note_look(self, case: CaseRecord) -> None:
        """See to it that the case is looked at when the first of its deadlines falls due; a look too early finds nothing."""
        at = next_look(case, self.pinned(case))
        noted = self._looks.get(case.case_id)
        if at is not None and (noted is None or at < noted[0] or case.band.rank < noted[1]):
            self._looks[case.case_id] = at, case.band.rank
            self.deadlines.add(Deadline(at, case.band.rank, LOOK, case.case_id, 0))

    def due_case(self, deadline: Deadline) -> CaseRecord | None:
        """The case to look at now; `None` when a later note of it took the place of this one."""
        if self._looks.get(deadline.subject) != (deadline.due, deadline.rank):
            return None
        del self._looks[deadline.subject]
        return self.cases[deadline.subject]

    def find(self, case_id: str) -> CaseRecord | None:
        """The case of this id; of one that was merged, or that never opened because its report was attached, the case where it goes on."""
        case = self.cases.get(case_id) or self.cases.get(self._aliases.get(case_id, ""))
        while case is not None and case.merged_into is not None:
            case = self.cases.get(case.merged_into)
        return case

    def sharing(self, household_id: str, keys: Iterable[str]) -> tuple[CaseRecord, ...]:
        """The cases of one household that have one of these duplicate keys, oldest first."""
        return self._oldest_first(
            one
            for key in keys
            for one in self._of_key.get((household_id, key), ())
            if key in self.cases[one].duplicate_keys
        )

    def sided(self, household_id: str) -> tuple[CaseRecord, ...]:
        """The cases of one household to which somebody else of it may be opposed."""
        return self._oldest_first(self._sided.get(household_id, ()))

    def cases_of(self, household_id: str) -> tuple[CaseRecord, ...]:
        """The cases of one household, oldest first."""
        return self._oldest_first(self._of_household.get(household_id, ()))

    def _oldest_first(self, case_ids: Iterable[str]) -> tuple[CaseRecord, ...]:
        """In an order that a restart does not change."""
        found = {case_id: self.cases[case_id] for case_id in case_ids}
        return tuple(sorted(found.values(), key=lambda case: (case.opened_at, case.case_id)))

    def pinned_for(self, command: Command) -> Catalogue:
        """The release a command is carried out under: that of the case it is on, else the active one."""
        case = self.find(getattr(command, "case_id", ""))
        return self.in_force.catalogue if case is None else self.pinned(case)

    def pinned(self, case: CaseRecord) -> Catalogue:
        """The release that an open case was promised to be decided by."""
        return self.in_force.pinned(case.catalogue)

    def find_seen(self, household_id: str, pair: str) -> Seen | None:
        """The earlier arrival of a report of this household, if any."""
        return self._pairs.get((household_id, pair))

    def remember(self, household_id: str, seen: Seen, step: Step) -> None:
        """Note a report as seen, in its household's record of the day."""
        day = key = f"{household_id}/{seen.at:%Y%m%d}"
        number = 1
        while key in self.seen and len(self.seen[key].seen) >= MOST_SEEN:
            number += 1
            key = f"{day}.{number}"
        before = self.seen.get(key) or SeenRecord(household_id=household_id, seen=())
        record = before.model_copy(update={"seen": (*before.seen, seen)})
        self._put_seen(key, record)
        step.save(topics.ROUTER_STATE, f"seen/{key}", record)

    def repoint(self, household_id: str, pair: str, case_id: str, step: Step) -> None:
        """A report seen before belongs to another case of its household from now on."""
        seen = self._pairs.get((household_id, pair))
        for key, record in self.seen.items() if seen else ():
            if record.household_id == household_id and seen in record.seen:
                moved = tuple(
                    one.model_copy(update={"case_id": case_id}) if one == seen else one for one in record.seen
                )
                self._put_seen(key, None)
                self._put_seen(key, record.model_copy(update={"seen": moved}))
                step.save(topics.ROUTER_STATE, f"seen/{key}", self.seen[key])
                return

    def _put_seen(self, key: str, record: SeenRecord | None) -> None:
        before = self.seen.pop(key, None)
        if record is None:
            if before is not None:
                for seen in before.seen:
                    self._pairs.pop((before.household_id, seen.pair), None)
            return
        if before is None:
            over = record.seen[0].at + A_DAY + SEEN_FOR  # the last report of its day is remembered as long as the first
            self.deadlines.add(Deadline(over, len(Band), "forget_seen", key, 0))
        for seen in record.seen[len(before.seen) if before else 0 :]:
            self._pairs[record.household_id, seen.pair] = seen
        self.seen[key] = record

    def forget_seen(self, key: str, step: Step) -> None:
        """Remove a day's record of reports seen."""
        self._put_seen(key, None)
        step.save(topics.ROUTER_STATE, f"seen/{key}", None)

    def count(self, step: Step, **steps: int) -> None:
        """Add to the books."""
        self.books = self.books.model_copy(update={name: getattr(self.books, name) + by for name, by in steps.items()})
        step.save(topics.ROUTER_STATE, BOOKS, self.books)

    def digest(self) -> str:
        """A hash of the whole state, equal on any node that restored the same log (RELIABILITY I16)."""
        single = {BOOKS: self.books, CATALOGUE: self.in_force.record, "choice": self.choice}
        alone = {key: record for key, record in single.items() if record is not None}
        tables: tuple[Mapping[str, BaseModel], ...] = (
            self.cases, self.households, self.seen, self.answers.records, self.paged,
            self.campaigns.records, self.campaigns.members, self.grouping.windows, self.grouping.groups, alone,
        )  # fmt: skip
        return digest_of(tables)
