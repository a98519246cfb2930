"""`make catalogue` shows who covers what, refuses what is wrong by file, path and rule, and what is not frozen by what to do."""

from pathlib import Path

import pytest

from schemas.catalogue import CatalogueError
from services.cli.catalogue import freeze_now, require_frozen, show
from tests.unit.catalogue.folders import changed, copy_of_catalogue

CODES = 26


def row(table: str, programme: str, service: str) -> list[str]:
    """The marks of one service of a programme, code by code."""
    lines = table.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{programme} v1"))
    return next(line for line in lines[start + 1 :] if line.startswith(f"  {service} ")).split()[1:]


def test_the_table_marks_each_service_of_each_programme_by_incident_code(tmp_path: Path) -> None:
    table = show(copy_of_catalogue(tmp_path), tmp_path / "releases")
    assert row(table, "proximus_cyber_care", "purchase_refund") == [
        "x" if code == 5 else "." for code in range(1, CODES + 1)
    ]
    assert row(table, "phone_harassment_mutual", "group_workshop")[17] == "t"
    assert "not frozen yet" in table


def test_a_catalogue_that_is_no_release_is_refused_until_it_is_frozen(tmp_path: Path) -> None:
    folder, releases = copy_of_catalogue(tmp_path / "catalogue"), tmp_path / "releases"
    with pytest.raises(ValueError, match="make freeze"):
        require_frozen(folder, releases)
    assert freeze_now(folder, releases).startswith("frozen as ")
    require_frozen(folder, releases)
    assert ", frozen" in show(folder, releases)


def test_what_is_wrong_is_named_before_anything_is_shown(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "programmes", lambda told: told["programmes"]["luko_cyber"]["versions"][0]["services"].clear()
    )
    with pytest.raises(CatalogueError, match="programmes/luko_cyber"):
        show(folder, tmp_path / "releases")
