"""A supervisor chooses a release: the choice is numbered here, once, and every partition is told in the same transaction."""

from datetime import datetime

from schemas import topics
from schemas.active_release import CHOICE_KEY, SWITCH, CatalogueChoose, CatalogueSwitch, ReleaseChoiceRecord
from schemas.envelope import Event
from schemas.topics import Topic
from schemas.words import Pillar, Refusal
from services.router.state import Partition
from services.router.timeline import SOURCE
from services.rules import ids
from services.rules.answered import Verdict
from services.rules.step import Step

RECORD = "catalogue/choice"


def choose(command: CatalogueChoose, partition: Partition, step: Step, *, now: datetime, cause: str) -> Verdict:
    """Number the choice and send one switch per partition. Refused when another choice came first or the release is unknown."""
    before = partition.choice
    number = before.number if before else 0
    if command.expected_version is not None and command.expected_version != number:
        return Verdict(CHOICE_KEY, number, Refusal.STALE_VERSION)
    if partition.in_force.releases.find(command.release) is None:
        return Verdict(CHOICE_KEY, number, Refusal.UNKNOWN_RELEASE)
    chosen = {"release": command.release, "number": number + 1, "chosen_at": now, "chosen_by": command.actor.id}
    extra = before.model_extra or {} if before else {}
    partition.choice = ReleaseChoiceRecord.model_validate(extra | chosen)
    step.save(topics.ROUTER_STATE, RECORD, partition.choice)
    for topic, key in _partitions(command):
        told = CatalogueSwitch(
            command_id=ids.derived("catalogue-switch", number + 1, topic.name, key),
            actor=command.actor,
            received_at=command.received_at,
            release=command.release,
            number=number + 1,
        )
        step.send(topic, key, Event(told.command_id, SWITCH, SOURCE, now, told, key, causationid=cause))
    return Verdict(CHOICE_KEY, number + 1)


def _partitions(command: CatalogueChoose) -> list[tuple[Topic, str]]:
    routers = [(topics.COMMANDS, key) for key in command.household_keys]
    return routers + [(topics.desk_commands(pillar), key) for pillar in Pillar for key in command.desk_keys]
