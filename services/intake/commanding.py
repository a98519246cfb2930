"""How does a command to a single writer look on the bus? Every command and event of ours has intake as its source."""

from schemas import topics
from schemas.active_release import CATALOGUE_COMMANDS
from schemas.case_commands import ROUTER_COMMANDS
from schemas.commands import Command, DeskCommand, command_type
from schemas.envelope import Event
from services.rules.desks_of import pillar_of
from services.rules.machine import Send

SOURCE = "urn:sameroof:intake"


def case_command(verb: str, command: Command, household_id: str) -> Send:
    """A command to the router, as a record on `commands`."""
    assert command_type(verb) in ROUTER_COMMANDS | CATALOGUE_COMMANDS, "an unlisted command"
    return Send(topics.COMMANDS, household_id, household_id, _event(verb, command, household_id))


def desk_command(verb: str, command: DeskCommand, *, key: str) -> Send:
    """A command to a desk, keyed by what it is about: a track, a responder, a drill, the desk itself."""
    topic = topics.desk_commands(pillar_of(command.desk_id))
    return Send(topic, key, command.desk_id, _event(verb, command, command.desk_id))


def _event(verb: str, command: Command, partitionkey: str) -> Event:
    return Event(command.command_id, command_type(verb), SOURCE, command.received_at, command, partitionkey)
