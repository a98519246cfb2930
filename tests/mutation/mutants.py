"""What can be wrong with a figure? Every number times 0, times 2 and removed, every member of a list or table dropped, one at a time."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CONTROL = "none"
DURATION = re.compile(r"(\d+) (s|min|h|d)")
MEMBER = re.compile(r"[^\s]+")
WORDS = re.compile(r"advice_[a-z]{2}")  # texts for people: numbers in them are read, not computed with
PROVENANCE = frozenset(
    {"source", "verified", "figures"}
)  # says where a figure comes from; the figure itself stands beside it
OUT_OF_STEP = re.compile(r"programmes\.yaml: (?P<path>[^:]+): figures: (?P<of>\S+) (?P<why>says|is about nothing)")
Step = str | int


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one place: `change` is `x0`, `x2`, `removed` or `dropped`; `none` for the control, which must survive."""

    file: str
    path: tuple[Step, ...]
    change: str

    @property
    def name(self) -> str:
        """`file:/path/to/figure:change`."""
        return f"{self.file}:/{'/'.join(str(step) for step in self.path)}:{self.change}"

    def of(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The plain data of a catalogue with this one change."""
        if self.change == CONTROL:
            return dict(raw)
        changed = {**raw, self.file: copy.deepcopy(raw[self.file])}
        *way, last = self.path
        place = changed[self.file]
        for step in way:
            place = place[step]
        if self.change in {"removed", "dropped"}:
            del place[last]
        else:
            place[last] = _times(place[last], int(self.change[1:]))
        return changed


def in_step(raw: dict[str, Any], mutant: Mutant, refusal: str) -> dict[str, Any] | None:
    """The data with the provenance of the changed figure changed alike; `None` when the refusal is about something else.

    What stands beside a figure to say where it comes from must not be what notices the figure.
    """
    found = OUT_OF_STEP.search(refusal)
    if found is None:
        return None
    changed = copy.deepcopy(raw)
    place = changed["programmes"]
    for step in found["path"].split("/"):
        place = place[int(step) if isinstance(place, list) else step]
    for figure in [one for one in place["figures"] if one["of"] == found["of"]]:
        if mutant.change in {"removed", "dropped"} or found["why"] != "says":
            place["figures"].remove(figure)
        else:
            figure["value"] = _times(figure["value"], int(mutant.change[1:]))
    return changed


def _times(figure: Any, factor: int) -> Any:
    if isinstance(figure, str):
        match = DURATION.fullmatch(figure)
        assert match, "only numbers and durations are multiplied"
        return f"{int(match[1]) * factor} {match[2]}"
    return figure * factor


def every_mutant(raw: Mapping[str, Any]) -> Iterator[Mutant]:
    """Every mutant of a catalogue's plain data, file by file."""
    for file, content in raw.items():
        if not WORDS.fullmatch(file):
            yield from _below(file, (), content)


def _below(file: str, path: tuple[Step, ...], content: Any) -> Iterator[Mutant]:
    if isinstance(content, dict):
        entries = [name for name, part in content.items() if isinstance(part, dict | list)]
        table = len(entries) == len(content) > 1 and all(isinstance(part, dict) for part in content.values())
        for name, part in content.items():
            if name in PROVENANCE:
                continue
            if table:
                yield Mutant(file, (*path, name), "dropped")
            yield from _below(file, (*path, name), part)
    elif isinstance(content, list):
        for number, part in enumerate(content):
            if isinstance(part, dict) or (isinstance(part, str) and MEMBER.fullmatch(part)):
                yield Mutant(file, (*path, number), "dropped")
            yield from _below(file, (*path, number), part)
    elif _is_figure(content):
        yield from (Mutant(file, path, change) for change in ("x0", "x2", "removed") if _changes(content, change))


def _is_figure(content: Any) -> bool:
    if isinstance(content, str):
        return DURATION.fullmatch(content) is not None
    return isinstance(content, int | float) and not isinstance(content, bool)


def _changes(figure: Any, change: str) -> bool:
    """A nought times anything is the same nought: no mutant at all."""
    return change == "removed" or isinstance(figure, str) or figure != 0
