"""Copies of the catalogue with something changed in them."""

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from schemas.catalogue import HERE, Catalogue
from schemas.catalogue.loading import Raw, built, read

Change = Callable[[Any], object]


@cache
def _shipped() -> Raw:
    return read(HERE)


def with_change(file: str, change: Change) -> Catalogue:
    """The shipped catalogue with one file changed by `change`, which gets its content; refused like one that was read."""
    return with_changes(**{file: change})


def with_changes(**changes: Change) -> Catalogue:
    """The same with several files changed, each by its own."""
    raw = dict(_shipped())
    for file, change in changes.items():
        content = deepcopy(raw[file])
        change(content)
        raw[file] = json.loads(json.dumps(content, default=str))
    return built(raw, lambda name: f"{name}.yaml")


def copy_of_catalogue(folder: Path) -> Path:
    """The YAML files of the shipped catalogue, in a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in HERE.glob("*.yaml"):
        shutil.copy(file, folder)
    return folder


def changed(folder: Path, file: str, change: Change) -> Path:
    """A copy of the catalogue with one file changed by `change`, which gets its parsed content."""
    content = deepcopy(_shipped()[file])
    change(content)
    (copy_of_catalogue(folder) / f"{file}.yaml").write_text(
        yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8"
    )
    return folder
