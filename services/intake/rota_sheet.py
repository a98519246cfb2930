"""A rota as a table: one layer in each row, its people in order, its turn and its windows as a person writes them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from schemas.messages import wrong_type
from schemas.rotas import Layer, Weekday, Window
from services.intake.problems import FieldError
from services.intake.sheets import BadSheet, Row, at_line, read_rows, write_rows
from services.intake.wrong_fields import sentence

COLUMNS = ("layer", "people", "turn", "hand_over_at", "zone", "starts_on", "windows")
NEEDED = COLUMNS[:-1]
TURN = re.compile(r"([0-9]{1,3}) (hours|days|weeks)")
WINDOW = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? ([0-9:]{5})-([0-9:]{5})")
OF_FIELD = {"name": "layer", "every": "turn", "unit": "turn"}
OF_TURN = "must be a number and hours, days or weeks, as in: 1 weeks"
OF_WINDOWS = "must be days and times, several with a semicolon between: mon-fri 08:00-18:00; sat 10:00-14:00"


def layers_in(raw: bytes) -> list[tuple[Row, Layer]]:
    """The layers of a file. Raises `BadSheet` with every error."""
    rows = read_rows(raw, COLUMNS, NEEDED)
    read = [(row, _layer(row)) for row in rows]
    wrong = [error for _, found in read if isinstance(found, list) for error in found]
    wrong += twice(rows, "layer")
    if wrong:
        raise BadSheet(wrong)
    return [(row, layer) for row, layer in read if isinstance(layer, Layer)]


def _layer(row: Row) -> Layer | list[FieldError]:
    cells = row.cells
    turn = TURN.fullmatch(cells["turn"])
    windows = _windows(cells.get("windows", ""))
    wrong = [] if turn else [at_line(row.line, "turn", OF_TURN)]
    if windows is None:
        wrong.append(at_line(row.line, "windows", OF_WINDOWS))
    told: dict[str, Any] = {
        "name": cells["layer"],
        "people": cells["people"].split(),
        "every": int(turn[1]) if turn else 1,
        "unit": turn[2] if turn else "days",
        "hand_over_at": cells["hand_over_at"],
        "zone": cells["zone"],
        "starts_on": cells["starts_on"],
        "windows": windows or (),
    }
    try:
        layer = Layer.model_validate(told)
    except ValidationError as error:
        return [*wrong, *errors_of(row.line, error, OF_FIELD)]
    return wrong or layer


def errors_of(line: int, error: ValidationError, columns: Mapping[str, str]) -> Iterator[FieldError]:
    """What a model found wrong, by line and column, the first of each; never the value."""
    named: set[str] = set()
    for place in wrong_type(error).places:
        field = place.pointer.split("/")[1]
        if field not in named:
            named.add(field)
            yield at_line(line, columns.get(field, field) or None, sentence(place.kind, place.limits))


def twice(rows: Iterable[Row], column: str) -> Iterator[FieldError]:
    """Rows that name in this column what an earlier one names."""
    lines: dict[str, int] = {}
    for row in rows:
        first = lines.setdefault(row.cells[column], row.line)
        if first != row.line:
            yield at_line(row.line, column, f"is the one of line {first}")


def _windows(text: str) -> tuple[Window, ...] | None:
    found = []
    for part in (one.strip() for one in text.split(";")):
        if not part:
            continue
        match = WINDOW.fullmatch(part)
        days = _days(match[1], match[2] or match[1]) if match else ()
        if match is None or not days:
            return None
        try:
            found.append(Window(days=days, begins=match[3], ends=match[4]))
        except ValidationError:
            return None
    return tuple(found)


def _days(first: str, last: str) -> tuple[Weekday, ...]:
    week = list(Weekday)
    if first not in week or last not in week:
        return ()
    start, end = week.index(Weekday(first)), week.index(Weekday(last))
    return tuple(week[(start + step) % 7] for step in range((end - start) % 7 + 1))


def _written(days: tuple[Weekday, ...]) -> Iterator[str]:
    """Days as `_days` reads them, those in a row together: a window of `mon-fri` comes back as one."""
    runs: list[list[Weekday]] = []
    for day in days:
        if runs and day not in runs[-1] and len(_days(runs[-1][-1], day)) == 2:
            runs[-1].append(day)
        else:
            runs.append([day])
    return (run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def sheet_of(layers: tuple[Layer, ...]) -> str:
    """Layers as a file that `layers_in` reads back."""
    return write_rows(COLUMNS, [_row(layer) for layer in layers])


def _row(layer: Layer) -> dict[str, str]:
    windows = [f"{days} {one.begins}-{one.ends}" for one in layer.windows for days in _written(one.days)]
    return {
        "layer": layer.name,
        "people": " ".join(layer.people),
        "turn": f"{layer.every} {layer.unit}",
        "hand_over_at": layer.hand_over_at,
        "zone": layer.zone,
        "starts_on": layer.starts_on.isoformat(),
        "windows": "; ".join(windows),
    }
