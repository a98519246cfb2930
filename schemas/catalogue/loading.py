"""Reading a catalogue folder: every file of it, or an error that names file, path and rule."""

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.catalogue.parts import Apart, CatalogueError, Untrue
from schemas.catalogue.release import Catalogue

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml: the same, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

HERE = Path(__file__).parent
FILES = tuple(name for name in Catalogue.model_fields if name != "version")
Raw = Mapping[str, Any]
Place = Callable[[str], str]


def load(folder: Path = HERE) -> Catalogue:
    """The catalogue in `folder`. Raises `CatalogueError` naming file, path and rule."""
    return built(read(folder), lambda name: f"{folder / name}.yaml")


def read(folder: Path) -> Raw:
    """Every file of `folder` as plain data, by name; dates as text. Raises `CatalogueError` for what is no such YAML."""
    return {name: _read(folder / f"{name}.yaml") for name in FILES}


def version_of(raw: Raw) -> str:
    """The version of plain data: 16 hex digits of the hash of their content, order included, whatever the layout of the files."""
    return hashlib.sha256(json.dumps(raw).encode()).hexdigest()[:16]


def built(raw: Raw, place: Place) -> Catalogue:
    """The catalogue of these plain data. Raises `CatalogueError` naming `place(file)`, path and rule."""
    try:
        return Catalogue.model_validate({**raw, "version": version_of(raw)})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = place(_file_of(first))
        steps = (where, "/".join(str(step) for step in first["loc"][1:]), first["msg"].removeprefix("Value error, "))
        raise CatalogueError(": ".join(step for step in steps if step)) from error


def _file_of(error: ErrorDetails) -> str:
    """The file an error is in: what two files disagree about has no place of its own, but names one."""
    cause = error.get("ctx", {}).get("error")
    file = cause.file if isinstance(cause, Apart | Untrue) else None
    return file or str(error["loc"][0])


def _read(path: Path) -> Any:
    try:
        return json.loads(json.dumps(yaml.load(path.read_text("utf-8"), _Strict), default=str))  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        raise CatalogueError(f"{path}: the file is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: not YAML: {error}") from None


class _Strict(_Loader):
    """YAML that says nothing twice and names everything by text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        """A mapping whose keys are all different texts."""
        keys = [self.construct_object(key) for key, _ in node.value]
        for number, key in enumerate(keys):
            if not isinstance(key, str) or key in keys[:number]:
                line = node.value[number][0].start_mark.line + 1
                raise yaml.YAMLError(f"line {line}: a key is a text and stands once")
        return super().construct_mapping(node, deep)
