"""How is a CSV file read and written? As people's spreadsheets do it: with a header, commas or semicolons, and clear errors by line."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.intake.problems import FieldError

MOST_ROWS = 1_000
ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for a formula


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (the header is line 1), and its cells by column."""

    line: int
    cells: Mapping[str, str]


class BadSheet(ValueError):
    """A file that cannot be read as a table; each error names a line, never a value."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("no such table")
        self.errors = errors


def at_line(line: int, column: str | None, detail: str) -> FieldError:
    """What is wrong in one line."""
    place = f"#/lines/{line}" + (f"/{column}" if column else "")
    return FieldError(detail=f"line {line}: {f'{column}: ' if column else ''}{detail}", pointer=place)


def read_rows(raw: bytes, columns: Sequence[str], needed: Sequence[str]) -> list[Row]:
    """The rows of a file with these `columns`, of which some are `needed`; empty rows are left out. Raises `BadSheet`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSheet([at_line(1, None, "the file is not UTF-8")]) from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        raise BadSheet([at_line(reader.line_num, None, "is not CSV: a quotation mark is not closed")]) from None
    if not lines:
        raise BadSheet([at_line(1, None, f"must name the columns: {', '.join(columns)}")])
    header = [cell.strip() for cell in lines[0][1]]
    _check_header(header, columns, needed)
    rows = [(line, cells) for line, cells in lines[1:] if any(cell.strip() for cell in cells)]
    wrong = [at_line(line, None, f"must have {len(header)} cells") for line, cells in rows if len(cells) != len(header)]
    if len(rows) > MOST_ROWS:
        wrong.append(at_line(rows[MOST_ROWS][0], None, f"is one too many: a file has at most {MOST_ROWS} rows"))
    if wrong:
        raise BadSheet(wrong)
    return [Row(line, dict(zip(header, map(_passive, cells), strict=True))) for line, cells in rows]


def _check_header(header: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in header]
    if missing:
        raise BadSheet([at_line(1, None, f"lacks the columns {', '.join(missing)}")])
    if len(set(header)) < len(header) or not {*header} <= {*columns}:
        raise BadSheet([at_line(1, None, f"has other columns than {', '.join(columns)}, or one twice")])


def _passive(cell: str) -> str:
    """A cell as it was before a spreadsheet was kept from running it."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(ACTIVE) else cell


def write_rows(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """A file that `read_rows` reads back; no spreadsheet takes a cell of it for a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        cells = (row.get(name, "") for name in columns)
        writer.writerow(["'" + cell if cell.startswith(ACTIVE) else cell for cell in cells])
    return file.getvalue()
