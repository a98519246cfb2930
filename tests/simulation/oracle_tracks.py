"""I2: a track is with one responder at a time, its desk and the router agree who that is, and nobody is told otherwise."""

from dataclasses import dataclass, field
from typing import Any

from tests.simulation.ledger import Ledger
from tests.simulation.told import Broken, Told

OWNED = frozenset({"accepted", "active", "waiting_victim", "waiting_third_party"})
OPEN = OWNED | {"pending", "offered"}
OVER = frozenset({"closed", "merged"})


@dataclass(slots=True)
class Tracks:
    """Follows who has which track: by what desks tell, by what they write down, and by what the router makes of it."""

    ledger: Ledger
    _holder: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _done: dict[tuple[str, str], int] = field(default_factory=dict)
    _desk: dict[str, dict[tuple[str, int], dict[str, Any]]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    _dead: set[str] = field(default_factory=set)
    _places: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        accepted: set[tuple[str, str]] = set()
        for told in commit:
            if told.topic == "cases":
                self.changed.add(told.key)
            elif told.topic == "progress":
                self._progress(told)
                self.changed.add(told.headers.get("ce_correlationid", ""))
                if told.fact in {"accepted", "covered"}:  # the track, or its next contact while its owner is away
                    accepted.add((told.data["track_id"], told.data["responder_id"]))
            elif told.topic.startswith("dispatch."):
                self._places[told.place] = told.key
            elif told.topic in {"router.dead", "responders.dead"}:
                self._letter(told)
        for told in commit:
            if told.topic.startswith("desks.") and told.key.startswith("track/"):
                self._record(told)
            elif told.topic == "outcomes" and told.fact == "done" and not told.data.get("repeated"):
                self._accepted(told, accepted)

    def quiet(self) -> None:
        """Nothing is under way anywhere: whatever changed, the router and the desks agree about it."""
        for case in sorted(self.changed & self.ledger.cases.keys()):
            for track in self.ledger.cases[case]["tracks"]:
                if track["track_id"] not in self._dead:
                    self._agree(track)
        self.changed.clear()

    def at_rest(self) -> None:
        """Somebody has every track, or it is done."""
        self.changed.update(self.ledger.cases)
        self.quiet()
        for case in self.ledger.cases.values():
            for track in case["tracks"]:
                if case["state"] not in OVER and track["state"] in OPEN - OWNED:
                    raise Broken("I15", f"track {track['track_id']} is {track['state']} although everybody is there")

    def _progress(self, told: Told) -> None:
        data = told.data
        track = data.get("track_id", "")
        self._places[told.place] = track
        at_desk = (data.get("desk_id", ""), track)
        if told.fact == "accepted":
            taken_up_again = data["epoch"] > self._done.get(at_desk, data["epoch"])
            holder = None if taken_up_again else self._holder.get(at_desk)
            if holder not in {None, data["responder_id"]}:
                raise Broken("I2", f"track {track} is with {holder} and was given to {data['responder_id']}")
            self._holder[at_desk] = data["responder_id"]
            self._done.pop(at_desk, None)
        elif told.fact == "released":
            self._holder[at_desk] = None
        elif told.fact == "done":
            self._done[at_desk] = data["epoch"]

    def _record(self, told: Told) -> None:
        track, home = told.key.partition("/")[2], (told.topic, told.kept.partition)
        records = self._desk.setdefault(track, {})
        if told.kept.value is None:
            records.pop(home, None)
            return
        record = told.data
        records[home] = record
        owner = record.get("owner") if record["state"] in OWNED else None
        holder = self._holder.get((record["dispatch"]["desk_id"], track))
        if record["state"] in OWNED and owner != holder:
            raise Broken("I2", f"the desk has track {track} with {owner}, but told that it is with {holder}")

    def _accepted(self, outcome: Told, accepted: set[tuple[str, str]]) -> None:
        sent = self.ledger.commands.get(outcome.key)
        if sent is None or sent.verb != "accept":
            return
        if (outcome.data["subject"], sent.responder) not in accepted:
            raise Broken(
                "I2", f"{sent.responder} was told that {outcome.data['subject']} is theirs, and nobody else was"
            )

    def _agree(self, track: dict[str, Any]) -> None:
        if track.get("moving_to"):
            return  # its desk was asked to let go
        name, records = track["track_id"], list(self._desk.get(track["track_id"], {}).values())
        owned = [record for record in records if record["state"] in OWNED]
        at_work = track["state"] in OPEN or track["state"] == "done"
        if len(owned) > (track["state"] in OWNED):
            raise Broken(
                "I2", f"track {name} is {track['state']}, and with {[record.get('owner') for record in owned]}"
            )
        here = [record for record in records if record["dispatch"]["desk_id"] == track["desk_id"]]
        if track["state"] in OPEN and not here:
            raise Broken("I2", f"desk {track['desk_id']} has no track {name}, which is {track['state']}")
        for record in here if at_work else ():
            router = (track["state"], track.get("responder_id"), track["desk_epoch"])
            desk = (record["state"], record.get("owner"), record["dispatch"]["epoch"])
            if router != desk:
                raise Broken("I2", f"track {name}: the router has {router}, its desk {desk}")

    def _letter(self, told: Told) -> None:
        """A dispatch or a fact that ended as a dead letter is a human's business: its track is judged no further."""
        headers = told.headers
        place = (headers["dead_topic"], int(headers["dead_partition"]), int(headers["dead_offset"]))
        if place in self._places:
            self._dead.add(self._places[place])
