"""Golden records and events as they lie on the bus, for folding into a read model."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from schemas import topics
from schemas.cases import CaseRecord
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.envelope import Event, encode
from schemas.households import HouseholdRecord
from schemas.messages import MESSAGES
from schemas.records import RECORDS
from schemas.topics import Topic
from schemas.words import ClockState
from services.rules.machine import Message

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
AT = datetime(2026, 3, 2, 20, 15, 1, tzinfo=UTC)


def example(name: str) -> dict[str, Any]:
    """A golden example as JSON."""
    told: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    return told


def golden_case() -> CaseRecord:
    """The golden case."""
    return CaseRecord.model_validate_json(json.dumps(example("records/CaseRecord")))


def running_case() -> CaseRecord:
    """The golden case while its promises still run and its page is open."""
    case = golden_case()
    tracks = tuple(
        track.model_copy(
            update={
                "clocks": tuple(one.model_copy(update={"state": ClockState.RUNNING}) for one in track.clocks),
                "pages": tuple(one.model_copy(update={"acknowledged_at": None}) for one in track.pages),
            }
        )
        for track in case.tracks
    )
    return case.model_copy(update={"tracks": tracks})


def golden_track() -> DeskTrackRecord:
    """The golden track of a desk."""
    return DeskTrackRecord.model_validate_json(json.dumps(example("records/DeskTrackRecord")))


def golden_responder() -> ResponderRecord:
    """The golden responder."""
    return ResponderRecord.model_validate_json(json.dumps(example("records/ResponderRecord")))


def golden_household() -> HouseholdRecord:
    """The golden household."""
    return HouseholdRecord.model_validate_json(json.dumps(example("records/HouseholdRecord")))


OF_A_DESK = {
    "DeskStateRecord": "desk/d",
    "RotaRecord": "rota/d",
    "GapRecord": "gap/g",
    "DrillRecord": "drill/d",
    "DrillRowRecord": "drill_row/d/r",
    "WorkshopRecord": "workshop/w",
}


class Log:
    """Numbers records per topic and partition, as a broker does."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._ends: Counter[tuple[str, int]] = Counter()

    def state(self, topic: Topic, key: str, record: BaseModel | None, *, partition: int = 0) -> Message:
        """Appends a state record, or a tombstone."""
        value = None if record is None else record.model_dump_json(exclude_none=True).encode()
        return self.raw(topic, key, value, (), partition)

    def event(self, topic: Topic, type_: str, **changed: Any) -> Message:
        """Appends the golden event of a type, with changes to its data."""
        told = example(type_)
        data = MESSAGES[type_].model_validate_json(json.dumps({**told["data"], **changed}))
        value, headers = encode(Event(told["id"], type_, told["source"], AT, data, told["partitionkey"]))
        return self.raw(topic, told["partitionkey"], value, headers)

    def raw(  # noqa: PLR0917 - as on a broker
        self, topic: Topic, key: str, value: bytes | None, headers: tuple[tuple[str, bytes], ...], partition: int = 0
    ) -> Message:
        """Appends bytes."""
        message = Message(topic.name, partition, self._ends[topic.name, partition], key.encode(), value, headers, AT)
        self._ends[topic.name, partition] += 1
        self.messages.append(message)
        return message


def whole_log() -> Log:
    """One record of every kind the read model knows: a case with its events, a household, a desk, outcomes, notices, a letter."""
    log = Log()
    case, track, responder, household = running_case(), golden_track(), golden_responder(), golden_household()
    pillar = track.dispatch.pillar
    for type_ in topics.CASE_EVENTS:
        log.event(topics.CASE_EVENT_LOG, type_, case_id=case.case_id, household_id=case.household_id)
    log.state(topics.CASES, case.case_id, case)
    log.state(topics.HOUSEHOLDS, household.household_id, household)
    log.state(topics.desks(pillar), f"track/{track.dispatch.track_id}", track)
    log.state(topics.desks(pillar), f"responder/{responder.entry.responder_id}", responder)
    for topic, name, key in (
        (topics.ROUTER_STATE, "ActiveReleaseRecord", "catalogue"),
        (topics.ROUTER_STATE, "ReleaseChoiceRecord", "catalogue/choice"),
        *((topics.desks(pillar), name, key) for name, key in OF_A_DESK.items()),
    ):
        log.state(topic, key, RECORDS[name].model_validate_json(json.dumps(example(f"records/{name}"))))
    for type_ in topics.OUTCOMES:
        log.event(topics.OUTCOMES_TOPIC, type_)
    log.event(topics.NOTICES_TOPIC, topics.NOTICES[0])
    letter = {"id": "l-1", "reason": "broken_json", "topic": "partner.a.incidents"}
    log.raw(topics.dead("intake"), "k", b"{", tuple((f"dead_{name}", text.encode()) for name, text in letter.items()))
    return log
