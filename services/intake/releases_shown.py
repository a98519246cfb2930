"""What is shown of releases: the latest choice, and which release decides in which partition."""

import sqlite3
from collections.abc import Sequence

from schemas.active_release import ActiveReleaseRecord, ReleaseChoiceRecord
from schemas.base import Instant
from schemas.topics import ROUTER_STATE
from services.intake.queries import Query
from services.intake.read_model import snapshot
from services.intake.views import View


class PartitionState(View):
    """The release one partition decides new work by. `position` is where on its commands it switched to it."""

    service: str
    partition: int
    release: str | None = None
    number: int = 0
    since: Instant | None = None
    position: int | None = None
    refused: str | None = None


class CatalogueState(View):
    """The active release. `number` counts choices; `settled` says that every partition follows the latest one."""

    release: str
    number: int
    chosen_at: Instant | None = None
    chosen_by: str | None = None
    settled: bool
    partitions: tuple[PartitionState, ...]


def state(own: str, places: Sequence[tuple[str, int]]) -> Query[CatalogueState]:
    """The state of all these partitions; before anybody chose, the active release is what they began with, else `own`."""

    def query(connection: sqlite3.Connection) -> CatalogueState:
        with snapshot(connection):
            row = connection.execute("SELECT record FROM release_choice").fetchone()
            partitions = tuple(_partition(connection, *place) for place in places)
        choice = None if row is None else ReleaseChoiceRecord.model_validate_json(row[0])
        begun = next((one.release for one in partitions if one.release is not None), own)
        number = choice.number if choice else 0
        return CatalogueState(
            release=choice.release if choice else begun,
            number=number,
            chosen_at=choice.chosen_at if choice else None,
            chosen_by=choice.chosen_by if choice else None,
            settled=all(one.number == number for one in partitions),
            partitions=partitions,
        )

    return query


def _partition(connection: sqlite3.Connection, topic: str, partition: int) -> PartitionState:
    service = "router" if topic == ROUTER_STATE.name else f"responders-{topic.rpartition('.')[2]}"
    record = _record(connection, topic, partition)
    if record is None:
        return PartitionState(service=service, partition=partition)
    plain = record.model_dump(include={"release", "number", "since", "position"})
    refused = record.refused.release if record.refused else None
    return PartitionState(service=service, partition=partition, refused=refused, **plain)


def _record(connection: sqlite3.Connection, topic: str, partition: int) -> ActiveReleaseRecord | None:
    place = (topic, partition)
    where = "SELECT record FROM releases_in_force WHERE topic = ? AND partition = ?"
    row = connection.execute(where, place).fetchone()
    return None if row is None else ActiveReleaseRecord.model_validate_json(row[0])


def number_at(topic: str, partition: int) -> Query[int]:
    """The choice a partition follows, 0 before the first."""

    def query(connection: sqlite3.Connection) -> int:
        record = _record(connection, topic, partition)
        return 0 if record is None else record.number

    return query


def release_at(partition: int) -> Query[str | None]:
    """The release that decides new cases of a router partition; `None` before it has decided any."""

    def query(connection: sqlite3.Connection) -> str | None:
        record = _record(connection, ROUTER_STATE.name, partition)
        return None if record is None else record.release

    return query
