"""How a machine is rebuilt from its changelogs, as the product does it: the newest record of each key of what was fetched together."""

from schemas.positions import POSITIONS_KEY, PositionsRecord
from services.rules.machine import Machine, Wiring
from tests.simulation.log import Log


def can_be_rebuilt(log: Log, wiring: Wiring, partition: int) -> bool:
    """Whether all changelogs can be read to their ends: another owner may have a transaction open."""
    places = [(topic.name, partition) for topic in wiring.states]
    return all(log.stable_end(place) == log.end(place) for place in places)


def rebuild(log: Log, wiring: Wiring, partition: int, machine: Machine, *, chunk: int) -> PositionsRecord | None:
    """Replays every changelog of `wiring` into an empty machine, `chunk` records at a time; returns the positions."""
    positions: PositionsRecord | None = None
    for topic in wiring.states:
        place = (topic.name, partition)
        reached, end = log.start(place), log.end(place)
        while reached < end:
            fetched, reached = log.fetch(place, reached, chunk)
            newest: dict[bytes | None, bytes | None] = {}
            for kept in fetched:
                newest.pop(kept.key, None)
                newest[kept.key] = kept.value
            for key, value in newest.items():
                name = (key or b"").decode()
                if topic is wiring.states[0] and name == POSITIONS_KEY:
                    positions = PositionsRecord.model_validate_json(value or b"")
                else:
                    machine.restore(topic.name, name, value)
            assert fetched or reached >= end, f"{place} cannot be read beyond {reached}: a transaction is open"
    return positions
