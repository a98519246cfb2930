"""Who had which track, at every version? Judged by read_committed dumps alone: what desks told and wrote, what the router made of it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.topics import CASE_EVENT_LOG, CASES, PROGRESS_TOPIC, desks
from schemas.words import Pillar
from tests.stage.dumps import Kept, dump

OWNED = frozenset({"accepted", "active", "waiting_victim", "waiting_third_party"})
OPEN = OWNED | {"pending", "offered"}
MOVED_WITHIN = timedelta(seconds=5 + 12 + 3)  # until its desk lets go, and the loss of a process on the way
ON_ITS_WAY = timedelta(seconds=2)
CLOCK_SLACK = timedelta(seconds=12 + 3)

Data = dict[str, Any]


@dataclass
class Fought:
    """Counts, and every complaint in words; no complaint means that all is well."""

    versions: int = 0
    tracks: int = 0
    settled: int = 0
    accepted: int = 0
    moves: int = 0
    moved_while_asked: int = 0
    superseded: int = 0
    breached: int = 0
    longest_move: timedelta = timedelta(0)
    complaints: list[str] = field(default_factory=list)

    def shown(self) -> str:
        """One line of figures, then the complaints."""
        head = f"tracks {self.tracks} ({self.settled} compared in the end), "
        head += f"versions {self.versions}, accepted {self.accepted}, moves {self.moves} "
        head += f"({self.moved_while_asked} while somebody was asked, {self.longest_move.total_seconds():.1f} s the longest), "
        head += f"acceptances superseded {self.superseded}, promises failed {self.breached}"
        return "\n  ".join([head, *self.complaints[:20]])


def judge(bootstrap: str, stopped_at: datetime) -> Fought:
    """Reads everything. The desks had read all of their input at `stopped_at`, the router what they told: what it sent them since, when a
    promise failed, is on its way and not compared."""
    found = Fought()
    kept = dump(bootstrap, desks(Pillar.TECHNICAL).name)
    at_desks = _desks(found, kept)
    _told(found, [one for one in dump(bootstrap, PROGRESS_TOPIC.name) if one.value])
    events = [one for one in dump(bootstrap, CASE_EVENT_LOG.name) if one.value]
    followed = _Followed(found)
    for one in events:
        followed.saw(_fact(one), _data(one))
    followed.over()
    breached = [_data(one) for one in events if _fact(one) == "clock_breached"]
    failed = {one["track_id"] for one in breached if one["pillar"] == Pillar.TECHNICAL}
    found.breached = len(failed)
    for case in _cases(bootstrap).values():
        for track in case["tracks"]:
            arrived = datetime.fromisoformat(track["dispatched_at"]) < stopped_at - ON_ITS_WAY
            if track["pillar"] == Pillar.TECHNICAL and arrived:
                found.settled += 1
                _in_the_end(found, track, at_desks.get(track["track_id"], {}), failed)
    return found


def _cases(bootstrap: str) -> dict[str | None, Data]:
    return {one.key: json.loads(one.value) for one in dump(bootstrap, CASES.name) if one.value}


def _desks(found: Fought, kept: Iterable[Kept]) -> dict[str, dict[int, Data]]:
    """Every version of every track at its desks; the last one by partition."""
    last: dict[str, dict[int, Data]] = defaultdict(dict)
    for one in kept:
        kind, _, track_id = (one.key or "").partition("/")
        if kind != "track" or one.value is None:
            continue
        record = json.loads(one.value)
        before = last[track_id].get(one.partition)
        if before is not None and record["version"] <= before["version"]:
            found.complaints.append(f"track {track_id}: version {record['version']} after {before['version']}")
        asked, owned = [each["responder_id"] for each in record["offers"]], record["state"] in OWNED
        if owned is not (record["owner"] is not None) and record["state"] in OPEN:
            found.complaints.append(f"track {track_id} is {record['state']}, with {record['owner']}")
        if asked and not (record["state"] == "offered" or (owned and (record["covering"] or record.get("relieving")))):
            found.complaints.append(f"track {track_id} is {record['state']}, and {asked} are asked")
        last[track_id][one.partition] = record
        found.versions += 1
    found.tracks = len(last)
    return last


def _told(found: Fought, facts: list[Kept]) -> None:
    """What desks told: nobody is given what somebody has at the same desk; no fact twice."""
    holder: dict[tuple[str, str], str | None] = {}
    ids: set[str] = set()
    for one in facts:
        data, fact, identity = _data(one), _fact(one), one.headers["ce_id"].decode()
        if identity in ids:
            found.complaints.append(f"{fact} {identity} was told twice")
        ids.add(identity)
        place = (data.get("track_id", ""), data.get("desk_id", ""))
        if fact == "accepted":
            found.accepted += 1
            if holder.get(place) not in {None, data["responder_id"]}:
                found.complaints.append(f"{place} is with {holder[place]} and was given to {data['responder_id']}")
            holder[place] = data["responder_id"]
        elif fact in {"released", "done"}:
            holder[place] = None


@dataclass
class _Followed:
    """What the router made of it: one assignment at a time, none under an epoch the track has left, every move arrives."""

    found: Fought
    holder: dict[str, str | None] = field(default_factory=dict)
    epoch: dict[str, int] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)

    def saw(self, fact: str, data: Data) -> None:
        """One event of a case."""
        track = data.get("track_id", "")
        if data.get("pillar") != Pillar.TECHNICAL:
            return
        if fact == "acceptance_superseded":
            self.found.superseded += 1
        elif fact == "track_dispatched":
            self.epoch[track] = data["epoch"]
            self._arrived(track, datetime.fromisoformat(data["at"]))
        elif fact == "track_moved":
            self._moved(track, data)

    def _moved(self, track: str, data: Data) -> None:
        if data["cause"] == "rerouted":
            self.found.moves += 1
            self.found.moved_while_asked += self.state.get(track) == "offered"
            self.left[track] = datetime.fromisoformat(data["at"])
        elif data["cause"] == "accepted":
            self._accepted(track, data)
        self.state[track] = data["state"]
        if data["state"] not in OWNED:
            self.holder[track] = None
        if data["state"] not in OPEN:
            self.left.pop(track, None)

    def _accepted(self, track: str, data: Data) -> None:
        who, before = data["responder_id"], self.holder.get(track)
        if data["epoch"] < self.epoch.get(track, 0):
            self.found.complaints.append(
                f"track {track}: accepted under epoch {data['epoch']} after {self.epoch[track]}"
            )
        if before not in {None, who}:
            self.found.complaints.append(f"track {track} is with {before} and {who}")
        self.holder[track] = who
        self.left.pop(track, None)  # it was taken where it is before its desk was asked to let go

    def _arrived(self, track: str, at: datetime) -> None:
        if track not in self.left:
            return
        took = at - self.left.pop(track)
        self.found.longest_move = max(self.found.longest_move, took)
        if took > MOVED_WITHIN:
            self.found.complaints.append(f"track {track} was at no desk for {took}")

    def over(self) -> None:
        """Whatever left a desk is at the other."""
        for track, since in self.left.items():
            if datetime.now(UTC) - since > MOVED_WITHIN:
                self.found.complaints.append(f"track {track} left its desk at {since} and is at none")


def _in_the_end(found: Fought, track: Data, records: dict[int, Data], failed: set[str]) -> None:
    """Router and desk agree, no other desk has it, and nobody having it is a promise that runs or has failed."""
    name = track["track_id"]
    here = [one for one in records.values() if one["dispatch"]["desk_id"] == track["desk_id"]]
    elsewhere = [one for one in records.values() if one not in here and one["state"] in OPEN]
    if elsewhere:
        found.complaints.append(f"track {name} is also at {[one['dispatch']['desk_id'] for one in elsewhere]}")
    if track["state"] not in OPEN or track.get("moving_to"):
        return
    router = [(track["state"], track.get("responder_id"), track["desk_epoch"])]
    desk = [(one["state"], one["owner"] if one["state"] in OWNED else None, one["dispatch"]["epoch"]) for one in here]
    if track["state"] == "offered":
        router = [(track["state"], None, track["desk_epoch"])]
    if router != desk:
        found.complaints.append(f"track {name}: the router has {router}, its desk {desk}")
    if track["state"] not in OWNED and name not in failed:
        due = [clock["due"] for clock in track["clocks"] if clock["kind"] == "acknowledge"]
        if not due or datetime.fromisoformat(due[0]) + CLOCK_SLACK < datetime.now(UTC):
            found.complaints.append(f"nobody has track {name}, and no promise says so: {due}")


def _data(one: Kept) -> Data:
    found: Data = json.loads(one.value or b"{}")
    return found


def _fact(one: Kept) -> str:
    return one.headers["ce_type"].decode().rpartition(".")[2]
