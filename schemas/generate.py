"""Writes `schemas/generated/`: one JSON Schema (2020-12) per message type and per state record; `--check` names what is out of date.

A message's schema is closed, as its writer is held to it; readers ignore what they do not know (CONTRACTS, Events on the bus).
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from schemas.envelope import dataschema
from schemas.messages import MESSAGES
from schemas.records import RECORDS

FOLDER = Path(__file__).parent / "generated"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOT_OURS = frozenset({"openapi.json", "asyncapi.yaml"})


class WriterClosed(GenerateJsonSchema):
    """Objects admit no other properties, except records, whose unknown fields are kept and written back."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """The schema of one model, closed unless the model itself keeps unknown fields."""
        document = super().model_schema(schema)
        document.setdefault("additionalProperties", False)
        return document


def documents() -> dict[str, str]:
    """Every generated file: its path below `schemas/generated/` and its exact text."""
    messages = {dataschema(type_).removeprefix("/schemas/"): model for type_, model in MESSAGES.items()}
    records = {f"records/{name}.json": model for name, model in RECORDS.items()}
    return {path: _document(path, model) for path, model in sorted((messages | records).items())}


def _document(path: str, model: type[BaseModel]) -> str:
    body = model.model_json_schema(schema_generator=WriterClosed)
    return json.dumps({"$schema": DIALECT, "$id": f"/schemas/{path}", **body}, indent=2, ensure_ascii=False) + "\n"


def out_of_date(folder: Path = FOLDER) -> list[str]:
    """One line per file of `folder` that differs from what the models say, is missing, or belongs to no model."""
    wanted = documents()
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - NOT_OURS
    left_over = [f"{path}: belongs to no message or record" for path in sorted(present - wanted.keys())]
    missing = [f"{path}: missing" for path in wanted if path not in present]
    stale = [
        f"{path}: out of date"
        for path, text in wanted.items()
        if path in present and (folder / path).read_text("utf-8") != text
    ]
    return left_over + missing + stale


def write(folder: Path = FOLDER) -> None:
    """Brings `folder` up to date; a file that belongs to no model is left for a human to delete."""
    for path, text in documents().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def main(arguments: Sequence[str]) -> int:
    """`python -m schemas.generate [--check]`; exit status 1 when something is out of date."""
    if list(arguments) not in ([], ["--check"]):
        print("usage: python -m schemas.generate [--check]")
        return 2
    if not arguments:
        write()
    problems = out_of_date()
    for problem in problems:
        print(f"schemas/generated/{problem}")
    if problems and arguments:
        print("Run `python -m schemas.generate` and commit the result.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
