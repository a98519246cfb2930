"""A release of the catalogue, once shipped, is never edited and can always be decided by (DESIGN section 4)."""

import json
from pathlib import Path

import pytest

from schemas.catalogue import CatalogueError, Releases, load, load_release, load_releases
from schemas.catalogue.releases import SHIPPED, freeze
from tests.shipped import CATALOGUE
from tests.unit.catalogue.folders import changed, copy_of_catalogue

VERSIONS = sorted(path.stem for path in SHIPPED.glob("*.json"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_shipped_release_is_as_it_was_frozen_and_can_be_decided_by(version: str) -> None:
    release = load_release(version)
    assert release.version == version
    assert "unclassified_suspicion" in release.incidents.codes


def test_a_frozen_file_is_the_catalogue_it_was_frozen_from(tmp_path: Path) -> None:
    folder = copy_of_catalogue(tmp_path / "catalogue")
    file = freeze(folder, tmp_path / "releases")
    assert load_release(file.stem, tmp_path / "releases") == load(folder)


def test_freezing_again_changes_no_byte(tmp_path: Path) -> None:
    folder = copy_of_catalogue(tmp_path / "catalogue")
    before = freeze(folder, tmp_path / "releases").read_bytes()
    assert freeze(folder, tmp_path / "releases").read_bytes() == before
    assert len(list((tmp_path / "releases").iterdir())) == 1


def test_an_edited_release_is_refused(tmp_path: Path) -> None:
    file = freeze(copy_of_catalogue(tmp_path / "catalogue"), tmp_path / "releases")
    edited = json.loads(file.read_text("utf-8"))
    edited["sla"]["lead_p0"]["acknowledge"] = "3 min"
    file.write_text(json.dumps(edited), "utf-8")
    with pytest.raises(CatalogueError, match="edited: a frozen release is never changed"):
        load_release(file.stem, tmp_path / "releases")


def test_what_cannot_be_used_is_not_frozen(tmp_path: Path) -> None:
    folder = changed(tmp_path / "catalogue", "desks", lambda desks: desks.update(fallback="zz"))
    with pytest.raises(CatalogueError, match="fallback"):
        freeze(folder, tmp_path / "releases")
    assert not (tmp_path / "releases").exists()


def test_a_release_nobody_shipped_is_missing_by_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"0123456789abcdef\.json: no such release"):
        load_release("0123456789abcdef", tmp_path)


def test_a_process_has_its_own_folder_and_every_shipped_release(tmp_path: Path) -> None:
    older = copy_of_catalogue(tmp_path / "older")
    file = freeze(older, tmp_path / "releases")
    own = changed(tmp_path / "own", "sla", lambda sla: sla["lead_p0"].update(acknowledge="1 min"))
    releases = load_releases(own, tmp_path / "releases")
    assert releases.own == load(own)
    assert releases.versions == tuple(sorted((file.stem, releases.own.version)))
    assert releases.find(file.stem) == load(older)


def test_an_own_folder_that_is_a_shipped_release_is_that_release(tmp_path: Path) -> None:
    file = freeze(copy_of_catalogue(tmp_path / "own"), tmp_path / "releases")
    releases = load_releases(tmp_path / "own", tmp_path / "releases")
    assert releases.versions == (file.stem,)


def test_a_release_that_is_not_at_hand_is_not_found() -> None:
    assert Releases(CATALOGUE).find("0123456789abcdef") is None
