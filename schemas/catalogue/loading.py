"""Reading a catalogue folder: every file of it, or an error that names file, path and rule."""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from schemas.catalogue.parts import CatalogueError
from schemas.catalogue.release import Catalogue

HERE = Path(__file__).parent
FILES = tuple(name for name in Catalogue.model_fields if name != "version")


def load(folder: Path = HERE) -> Catalogue:
    """The catalogue in `folder`. Raises `CatalogueError` naming file, path and rule."""
    raw = {name: _read(folder / f"{name}.yaml") for name in FILES}
    version = hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()[:16]
    try:
        return Catalogue.model_validate({"version": version, **raw})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        steps = [
            f"{folder / str(first['loc'][0])}.yaml",
            "/".join(str(step) for step in first["loc"][1:]),
            first["msg"],
        ]
        raise CatalogueError(": ".join(step for step in steps if step).replace("Value error, ", "")) from None


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{path}: the file is missing") from None
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path}: not YAML: {error}") from None
