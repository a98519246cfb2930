"""What is generated and committed says exactly what the models say; a released schema is never edited."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.generate import FOLDER, documents, out_of_date, write
from schemas.messages import MESSAGES
from schemas.records import RECORDS

ROOT = Path(__file__).parents[2]


def test_the_committed_schemas_are_current() -> None:
    assert out_of_date() == []


def test_generating_twice_writes_the_same_bytes() -> None:
    other = subprocess.run(
        [sys.executable, "-c", "import json; from schemas.generate import documents; print(json.dumps(documents()))"],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    assert json.loads(other.stdout) == documents()


def test_every_message_and_record_has_a_schema() -> None:
    wanted = {f"{type_}/1.0.json" for type_ in MESSAGES} | {f"records/{name}.json" for name in RECORDS}
    assert documents().keys() == wanted


def test_the_check_names_what_is_missing_out_of_date_and_left_over(tmp_path: Path) -> None:
    write(tmp_path)
    assert out_of_date(tmp_path) == []
    gone, edited, *_ = sorted(documents())
    (tmp_path / gone).unlink()
    (tmp_path / edited).write_text("{}")
    (tmp_path / "records" / "Forgotten.json").write_text("{}")
    assert out_of_date(tmp_path) == [
        "records/Forgotten.json: belongs to no message or record",
        f"{gone}: missing",
        f"{edited}: out of date",
    ]


@pytest.mark.parametrize("path", sorted(documents()))
def test_a_message_schema_is_closed_at_every_level(path: str) -> None:
    document = json.loads((FOLDER / path).read_text("utf-8"))
    objects = [document, *document.get("$defs", {}).values()]
    closed = {part["title"]: part["additionalProperties"] for part in objects if part.get("type") == "object"}
    if path.startswith("records/"):
        assert closed.pop(Path(path).stem) is True
    else:
        assert set(closed.values()) == {False}
