"""The personal-data marker (DESIGN section 8): what identifies or describes a person carries it, inside a `personal` sub-object."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Marks a field as personal data; tests walk every model for it and draw the canaries from it."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The field's JSON Schema with the marker `x-personal: true`, for partners and tools that read no Python."""
        return {**handler(schema), "x-personal": True}


Personal = Annotated[str, StringConstraints(max_length=4_000), PersonalData()]


class PersonalPart(BaseModel):
    """Base of every `personal` sub-object: what sealing and erasure remove whole."""

    model_config = ConfigDict(frozen=True, extra="ignore")
