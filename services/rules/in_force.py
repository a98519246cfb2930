"""Which release of the catalogue decides here? New cases by the active one, an open case by the one it was promised (DESIGN section 4)."""

from dataclasses import dataclass
from datetime import datetime

from schemas.active_release import ActiveReleaseRecord, CatalogueSwitch, RefusedRelease
from schemas.catalogue import Catalogue, Releases
from schemas.topics import Topic
from schemas.words import Refusal
from services.rules.answered import Verdict
from services.rules.step import Step

KEY = "catalogue"


@dataclass(slots=True)
class InForce:
    """The release in force in one partition, kept in `changelog` under `catalogue`.

    A partition that never switched keeps what it began with. A release its process does not have is replaced by the
    process's own, so that nobody waits for a deployment; `missing` says so.
    """

    releases: Releases
    changelog: Topic
    record: ActiveReleaseRecord | None = None

    def restore(self, record: bytes | None) -> None:
        """Replay the record."""
        self.record = None if record is None else ActiveReleaseRecord.model_validate_json(record)

    @property
    def catalogue(self) -> Catalogue:
        """What new cases are decided by."""
        own = self.releases.own
        return own if self.record is None else self.releases.find(self.record.release) or own

    @property
    def missing(self) -> bool:
        """Whether the process lacks the release its partition should decide by."""
        return self.record is not None and self.releases.find(self.record.release) is None

    def pinned(self, version: str) -> Catalogue:
        """What an open case is decided by: the release it was opened under; the active one when that is not at hand."""
        return self.releases.find(version) or self.catalogue

    def begin(self, step: Step, now: datetime) -> None:
        """Remember what this partition decides by, before its first decision: from then on only a switch changes it."""
        if self.record is None:
            self._save(ActiveReleaseRecord(release=self.releases.own.version, since=now), step)

    def switch(self, command: CatalogueSwitch, position: int, step: Step, now: datetime) -> Verdict:
        """Decide by another release from this position on. Refused when the process lacks it, or when it comes too late."""
        before = self.record or ActiveReleaseRecord(release=self.releases.own.version, since=now)
        if command.number <= before.number:
            repeated = (command.number, command.release) == (before.number, before.release)
            return Verdict(KEY, before.number, None if repeated else Refusal.STALE_VERSION)
        if self.releases.find(command.release) is None:
            refused = RefusedRelease(release=command.release, number=command.number, at=now)
            self._save(before.model_copy(update={"refused": refused}), step)
            return Verdict(KEY, before.number, Refusal.UNKNOWN_RELEASE)
        changed = {"release": command.release, "number": command.number, "since": now, "position": position}
        self._save(before.model_copy(update={**changed, "refused": None}), step)
        return Verdict(KEY, command.number)

    def _save(self, record: ActiveReleaseRecord, step: Step) -> None:
        self.record = record
        step.save(self.changelog, KEY, record)
