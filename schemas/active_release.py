"""Which release of the catalogue decides: what a supervisor chooses, what each partition is told, and what it remembers."""

from typing import Annotated

from pydantic import Field

from schemas.base import Code, Id, Instant, Record, RecordPart
from schemas.commands import Command, command_type

Number = Annotated[int, Field(ge=0)]
Keys = Annotated[tuple[Id, ...], Field(max_length=1_000)]

CHOICE_KEY = "catalogue"  # whoever owns this key on `commands` numbers the choices


class CatalogueChoose(Command):
    """Make a release the active one. `household_keys` reach every partition of `commands`, `desk_keys` those of each `commands.<pillar>`.

    `expected_version` is the number of the choice its author saw, 0 before the first.
    """

    release: Code
    household_keys: Keys
    desk_keys: Keys


class CatalogueSwitch(Command):
    """One partition shall decide by this release from here on; a lower or equal `number` of another release comes too late."""

    release: Code
    number: Number


class RefusedRelease(RecordPart):
    """A release a partition was told to switch to and its process did not have."""

    release: Code
    number: Number
    at: Instant


class ActiveReleaseRecord(Record):
    """The release a partition decides new cases by, key `catalogue`.

    `number` is that of the choice it follows (0: none yet), `position` the offset of the switch on the partition's commands.
    """

    release: Code
    number: Number = 0
    since: Instant
    position: int | None = None
    refused: RefusedRelease | None = None


class ReleaseChoiceRecord(Record):
    """The latest choice, key `catalogue/choice`: kept by the partition that numbers choices."""

    release: Code
    number: Number
    chosen_at: Instant
    chosen_by: Id


CHOOSE = command_type("catalogue_choose")
SWITCH = command_type("catalogue_switch")
CATALOGUE_COMMANDS: dict[str, type[Command]] = {CHOOSE: CatalogueChoose, SWITCH: CatalogueSwitch}
