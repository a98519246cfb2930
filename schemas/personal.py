"""The personal-data marker (DESIGN section 8): what identifies or describes a person carries it, inside a `personal` sub-object."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Marks a field as personal data; tests walk every model for it and draw the canaries from it."""


Personal = Annotated[str, StringConstraints(max_length=4_000), PersonalData()]


class PersonalPart(BaseModel):
    """Base of every `personal` sub-object: what sealing and erasure remove whole."""

    model_config = ConfigDict(frozen=True, extra="ignore")
