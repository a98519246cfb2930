"""Reading the four languages' files: all of them, or an error that names file, path and rule."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from schemas.detection.language import Language

FOLDER = Path(__file__).parent
LANGUAGES = ("fr", "nl", "de", "en")
SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C, ten times as fast, where it exists


class DetectionError(ValueError):
    """A language's file cannot be used; the text names file, path and rule."""


def load(folder: Path = FOLDER) -> tuple[Language, ...]:
    """The languages in `folder`, in the order of `LANGUAGES`. Raises `DetectionError`."""
    return tuple(_read(folder / f"{language}.yaml") for language in LANGUAGES)


def _read(path: Path) -> Language:
    try:
        found = Language.model_validate(yaml.load(path.read_text("utf-8"), Loader=SAFE))  # noqa: S506 - both are safe
    except FileNotFoundError:
        raise DetectionError(f"{path}: the file is missing") from None
    except yaml.YAMLError as error:
        raise DetectionError(f"{path}: not YAML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        steps = [str(path), "/".join(str(step) for step in first["loc"]), first["msg"].removeprefix("Value error, ")]
        raise DetectionError(": ".join(step for step in steps if step)) from None
    if found.language != path.stem:
        raise DetectionError(f"{path}: language: the file's name says {path.stem}")
    return found
