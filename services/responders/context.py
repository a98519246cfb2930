"""What a command to a desk is carried out on."""

from dataclasses import dataclass

from services.responders.state import Partition
from services.responders.telling import Telling


@dataclass(frozen=True, slots=True)
class Context:
    """The desks of the partition, what they tell at this instant; `verb` is the last part of the command's type."""

    partition: Partition
    telling: Telling
    verb: str
