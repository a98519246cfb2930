"""Reads the corpus of bad input; what its fields mean is in README.md beside it."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).with_name("corpus.jsonl")
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Case:
    """One body and the verdict every door must give on it."""

    name: str
    body: bytes
    expect: str
    flags: frozenset[str] = frozenset()
    unknown_fields: int = 0

    @property
    def accepted(self) -> bool:
        """Whether it may in."""
        return self.expect == ACCEPTED


def cases() -> tuple[Case, ...]:
    """Every case, in the order of the file."""
    return tuple(_case(json.loads(line)) for line in CORPUS.read_text("utf-8").splitlines() if line.strip())


def _case(row: dict[str, Any]) -> Case:
    return Case(
        name=row["name"],
        body=_body(row),
        expect=row["expect"],
        flags=frozenset(row.get("flags", ())),
        unknown_fields=row.get("unknown_fields", 0),
    )


def _body(row: dict[str, Any]) -> bytes:
    if "text" in row:
        return str(row["text"]).encode()
    if "base64" in row:
        return base64.b64decode(row["base64"], validate=True)
    fill = row["fill"]
    return str(fill["before"] + fill["unit"] * fill["count"] + fill["after"]).encode()
