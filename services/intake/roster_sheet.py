"""A roster as a table: one person in each row. What a table has no column for stays as it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from schemas.catalogue.skills import Skills
from schemas.rosters import RosterEntry, RosterPersonal, Training
from services.intake.asks import RosterBody
from services.intake.problems import FieldError
from services.intake.roster_faults import OF_DIGITS, faults, is_of_digits
from services.intake.rota_sheet import errors_of, twice
from services.intake.sheets import BadSheet, Row, at_line, read_rows, write_rows

COLUMNS = (
    "responder_id", "name", "languages", "interprets", "skills", "clearances", "capacity", "post", "organisation",
    "household_id", "methods", "addresses",
)  # fmt: skip
NEEDED = ("responder_id", "methods")
LISTS = ("interprets", "clearances")
CODES = ("post", "organisation", "household_id")
OF_FIELD = {"personal": "addresses", "training": "skills", "fluency": "languages"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A row and the entry it makes."""

    line: int
    entry: RosterEntry


def entries_in(raw: bytes, desk_id: str, known: Mapping[str, RosterEntry], skills: Skills) -> list[Listed]:
    """The entries of a file; `known` are those of the desk now. Raises `BadSheet` with every error."""
    rows = read_rows(raw, COLUMNS, NEEDED)
    read = [(row, _entry(row, desk_id, known.get(row.cells["responder_id"]), skills)) for row in rows]
    wrong = [error for _, found in read if isinstance(found, list) for error in found]
    wrong += twice(rows, "responder_id")
    if wrong:
        raise BadSheet(wrong)
    return [Listed(row.line, entry) for row, entry in read if isinstance(entry, RosterEntry)]


def _entry(row: Row, desk_id: str, before: RosterEntry | None, skills: Skills) -> RosterEntry | list[FieldError]:
    who = row.cells["responder_id"]
    if is_of_digits(who):
        return [at_line(row.line, "responder_id", OF_DIGITS)]
    kept = {} if before is None else before.model_dump()
    try:
        body = RosterBody.model_validate({**kept, **_told(row.cells, desk_id, before)})
        entry = RosterEntry.model_validate({**kept, "responder_id": who, **body.model_dump()})
    except ValidationError as error:
        return list(errors_of(row.line, error, OF_FIELD))
    fields = ((one, one.pointer.split("/")[1]) for one in faults(body, skills))
    wrong = [at_line(row.line, OF_FIELD.get(field, field), one.detail) for one, field in fields]
    return wrong or entry


def _told(cells: Mapping[str, str], desk_id: str, before: RosterEntry | None) -> dict[str, object]:
    """What a row says; of a column that is missing it says nothing, and an empty cell empties what it is about."""
    told: dict[str, object] = {"desk_id": desk_id}
    told |= {name: cells[name].split() for name in LISTS if name in cells}
    told |= {name: cells[name] or None for name in CODES if name in cells}
    if cells.get("capacity"):
        told["capacity"] = cells["capacity"]
    if "languages" in cells:
        languages = [one.partition(":") for one in cells["languages"].split()]
        told["languages"] = [name for name, _, _ in languages]
        told["fluency"] = {name: fluency for name, _, fluency in languages if fluency}
    if "skills" in cells:
        told |= _trained(cells["skills"], {} if before is None else before.training)
    methods = [one.partition(":") for one in cells["methods"].split()]
    told["methods"] = [{"kind": kind, "verified": said != "unverified"} for kind, _, said in methods]
    personal = RosterPersonal() if before is None else before.personal
    name = (cells["name"] or None) if "name" in cells else personal.name
    addresses = cells["addresses"].split() if "addresses" in cells else personal.addresses
    return told | {"personal": {"name": name, "addresses": addresses}}


def _trained(cell: str, proven: Mapping[str, Training]) -> dict[str, object]:
    skills = [one.split(":") for one in cell.split()]
    training = {
        parts[0]: _training(parts, proven[parts[0]].evidence if parts[0] in proven else None)
        for parts in skills
        if len(parts) > 1 or (parts[0] in proven and proven[parts[0]].evidence)
    }
    return {"skills": [parts[0] for parts in skills], "training": training}


def _training(parts: list[str], evidence: str | None) -> dict[str, object]:
    told: dict[str, object] = {"evidence": evidence}
    if len(parts) > 1:
        told["level"] = parts[1]
    if len(parts) > 2:
        told["expires_on"] = parts[2]
    return told


def sheet_of(entries: Iterable[RosterEntry]) -> str:
    """Entries as a file that `entries_in` reads back."""
    return write_rows(COLUMNS, [_row(one) for one in entries])


def _row(entry: RosterEntry) -> dict[str, str]:
    return {
        "responder_id": entry.responder_id,
        "name": entry.personal.name or "",
        "languages": " ".join(
            f"{one}:{entry.fluency[one]}" if one in entry.fluency else one for one in entry.languages
        ),
        "skills": " ".join(_skill(entry, one) for one in entry.skills),
        "methods": " ".join(one.kind if one.verified else f"{one.kind}:unverified" for one in entry.methods),
        "addresses": " ".join(entry.personal.addresses),
        "capacity": str(entry.capacity),
        **{name: getattr(entry, name) or "" for name in CODES},
        **{name: " ".join(getattr(entry, name)) for name in LISTS},
    }


def _skill(entry: RosterEntry, name: str) -> str:
    known = entry.training.get(name)
    if known is None:
        return name
    ends = f":{known.expires_on}" if known.expires_on else ""
    return f"{name}:{known.level}{ends}"
