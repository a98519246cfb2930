"""I8 and I10: nobody writes after a newer owner has, and every case's events are numbered without gap or fork."""

from tests.simulation.told import Broken, Told


class Order:
    """Judges the order of what was committed."""

    def __init__(self) -> None:
        self._epochs: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._home: dict[str, int] = {}
        self._records: dict[tuple[str, int, str], int] = {}
        self._positions: dict[tuple[str, int, str], int] = {}

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        self._fencing(commit[0])
        changed: set[str] = set()
        for told in commit:
            if told.topic == "case.events":
                self._event(told)
                changed.add(told.key)
        for told in commit:
            if told.topic == "cases":
                self._snapshot(told)
                changed.discard(told.key)
            elif told.key.startswith("track/") and told.topic.startswith("desks."):
                self._desk_record(told)
            elif told.key == "positions":
                self._position(told)
        if changed:
            raise Broken("I9", f"{sorted(changed)} changed without their record in the same transaction")

    def at_rest(self) -> None:
        """Nothing is left to say."""

    def _fencing(self, told: Told) -> None:
        newest = self._epochs.setdefault(told.writer, told.epoch)
        if told.epoch < newest:
            raise Broken("I8", f"{told.writer} committed under epoch {told.epoch} after {newest}")
        self._epochs[told.writer] = told.epoch

    def _event(self, told: Told) -> None:
        case, version = told.key, told.data["version"]
        expected = self._versions.get(case, 0) + 1
        if version != expected:
            raise Broken("I10", f"case {case}: {told.fact} is version {version}, expected {expected}")
        if self._home.setdefault(case, told.kept.partition) != told.kept.partition:
            raise Broken("I10", f"case {case} is told on two partitions")
        self._versions[case] = version

    def _snapshot(self, told: Told) -> None:
        version, last = told.data["version"], self._versions.get(told.key)
        if version != last:
            raise Broken("I9", f"case {told.key}: its record is version {version}, its last event {last}")

    def _desk_record(self, told: Told) -> None:
        place = (told.topic, told.kept.partition, told.key)
        if told.kept.value is None:
            self._records.pop(place, None)
            return
        version = told.data["version"]
        if version <= self._records.get(place, 0):
            raise Broken("I10", f"{place}: version {version} after {self._records[place]}")
        self._records[place] = version

    def _position(self, told: Told) -> None:
        for topic, offset in told.data["inputs"].items():
            place = (told.topic, told.kept.partition, topic)
            if offset < self._positions.get(place, 0):
                raise Broken("I9", f"{place}: position {offset} after {self._positions[place]}")
            self._positions[place] = offset
