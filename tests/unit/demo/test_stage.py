"""The demo deletes its own data only."""

from pathlib import Path

from deploy.local.demo import stage
from deploy.local.home import Home


def test_the_demo_refuses_where_data_was_kept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.data.mkdir()
    home.broker.write_text("{}")
    assert "make down" in (stage.refusal(home) or "")


def test_the_demo_starts_anew_where_a_stack_is_up(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.data.mkdir()
    home.broker.write_text("{}")
    home.stack.write_text("{}")
    assert stage.refusal(home) is None


def test_the_demo_begins_where_nothing_is(tmp_path: Path) -> None:
    assert stage.refusal(Home(tmp_path)) is None
