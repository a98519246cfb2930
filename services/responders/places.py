"""Where a track is found again: by its case, its household, whoever has it or is asked or may not be, the cases on its other side."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.desk_records import DeskTrackRecord
from services.rules.lifecycle import OWNED, UNOWNED

Ids = dict[str, dict[str, None]]  # track ids by something, in the order in which they came


def _ids() -> Ids:
    return defaultdict(dict)


@dataclass(slots=True)
class Places:
    """The ids of a partition's tracks."""

    case: Ids = field(default_factory=_ids)
    household: Ids = field(default_factory=_ids)
    owner: Ids = field(default_factory=_ids)
    asked: Ids = field(default_factory=_ids)
    covers: Ids = field(default_factory=_ids)
    interprets: Ids = field(default_factory=_ids)
    walled_from: Ids = field(default_factory=_ids)
    kept_out: Ids = field(default_factory=_ids)

    def note(self, track: DeskTrackRecord, by: int) -> None:
        """A track is there (1), or no more (-1)."""
        dispatch = track.dispatch
        _note(self.case, (dispatch.case_id,), dispatch.track_id, by)
        _note(self.household, (dispatch.household_id,), dispatch.track_id, by)
        _note(self.walled_from, dispatch.walled_from, dispatch.track_id, by)
        if track.owner is not None and track.state in OWNED:
            _note(self.owner, (track.owner,), dispatch.track_id, by)
        if track.state in UNOWNED:
            _note(self.kept_out, (*track.barred, *dispatch.walled_people), dispatch.track_id, by)
        if track.covered_by is not None:
            _note(self.covers, (track.covered_by,), dispatch.track_id, by)
        if track.interpreted_by is not None and track.state in OWNED:
            _note(self.interprets, (track.interpreted_by,), dispatch.track_id, by)
        _note(self.asked, (one.responder_id for one in track.offers), dispatch.track_id, by)


def _note(index: Ids, names: Iterable[str], track_id: str, by: int) -> None:
    for name in names:
        if by > 0:
            index[name][track_id] = None
            continue
        index[name].pop(track_id, None)
        if not index[name]:
            del index[name]
