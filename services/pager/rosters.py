"""Who is on which roster? The pager's only store: a read model of the responder records of all desks, in memory."""

from dataclasses import dataclass, field

from pydantic import ValidationError

from schemas import topics
from schemas.desk_records import ResponderRecord
from schemas.rosters import RosterEntry
from schemas.words import Pillar

PREFIX = "responder/"
PILLARS = {topics.desks(pillar).name: pillar for pillar in Pillar}


@dataclass(slots=True)
class Rosters:
    """Roster entries by responder and pillar; who works in two pillars has two."""

    _entries: dict[tuple[str, Pillar], RosterEntry] = field(default_factory=dict)
    unreadable: int = 0

    def restore(self, topic: str, key: str, record: bytes | None) -> None:
        """Folds one record of `desks.<pillar>`, `None` being a tombstone. An unreadable one is counted, the older entry kept."""
        if not key.startswith(PREFIX):
            return
        place = key.removeprefix(PREFIX), PILLARS[topic]
        if record is None:
            self._entries.pop(place, None)
            return
        try:
            self._entries[place] = ResponderRecord.model_validate_json(record).entry
        except ValidationError:
            self.unreadable += 1

    def find(self, responder_id: str, pillar: Pillar) -> RosterEntry | None:
        """The responder's entry, that of the notice's own pillar first."""
        own = self._entries.get((responder_id, pillar))
        return own or next((entry for (who, _), entry in self._entries.items() if who == responder_id), None)

    def __len__(self) -> int:
        return len(self._entries)
