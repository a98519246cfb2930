"""Settings come from SAMEROOF_* variables, fail by field name, and never show a secret."""

import pytest

from schemas.topics import Sizing
from services.responders.settings import RespondersSettings
from services.runtime.connection import client_options
from services.runtime.settings import EXIT_BAD_SETTINGS, RuntimeSettings, SinkSettings, load


@pytest.fixture(autouse=True)
def _bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEROOF_KAFKA_BOOTSTRAP_SERVERS", "bus:9092")


def test_every_bad_field_is_named_and_no_value_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMEROOF_HOUSEHOLD_PARTITIONS", "hunter2")
    monkeypatch.setenv("SAMEROOF_OPS_PORT", "70000")
    with pytest.raises(SystemExit) as ended:
        load(RuntimeSettings)
    said = capsys.readouterr().err
    assert ended.value.code == EXIT_BAD_SETTINGS
    assert {line.partition(":")[0] for line in said.splitlines()} == {
        "SAMEROOF_HOUSEHOLD_PARTITIONS",
        "SAMEROOF_OPS_PORT",
    }
    assert "hunter2" not in said
    assert "70000" not in said


def test_a_missing_bus_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SAMEROOF_KAFKA_BOOTSTRAP_SERVERS")
    with pytest.raises(SystemExit):
        load(RuntimeSettings)
    assert capsys.readouterr().err.startswith("SAMEROOF_KAFKA_BOOTSTRAP_SERVERS: ")


def test_a_variable_with_a_name_of_its_own_is_named_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("SAMEROOF_PILLAR", "PILLAR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit):
        load(RespondersSettings)
    assert capsys.readouterr().err.startswith("SAMEROOF_PILLAR: ")


def test_a_process_asked_for_help_lists_its_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["services.responders", "--help"])
    with pytest.raises(SystemExit) as ended:
        load(RespondersSettings)
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")}
    assert ended.value.code == 0
    assert {"SAMEROOF_PILLAR", "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS", "SAMEROOF_CATALOGUE"} <= listed


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(RuntimeSettings).ops_port = 1  # type: ignore[misc]


def test_a_password_is_in_no_text_of_the_settings_but_reaches_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEROOF_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
    monkeypatch.setenv("SAMEROOF_KAFKA_USERNAME", "router")
    monkeypatch.setenv("SAMEROOF_KAFKA_PASSWORD", "hunter2")
    settings = load(RuntimeSettings)
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert client_options(settings, "test")["sasl_plain_password"] == "hunter2"


def test_topics_of_one_sizing_share_a_partition_count() -> None:
    settings = load(RuntimeSettings)
    assert (settings.partitions(Sizing.HOUSEHOLD), settings.partitions(Sizing.DESK)) == (12, 6)


@pytest.mark.parametrize(("secret", "field"), [(None, ""), ("s", "WEBHOOK_SECRET")])
def test_a_sink_nobody_could_verify_is_refused(
    secret: str | None, field: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMEROOF_PAGE_SINK_URL", "https://sink.example")
    if secret is not None:
        monkeypatch.setenv("SAMEROOF_WEBHOOK_SECRET", secret)
    with pytest.raises(SystemExit):
        load(SinkSettings)
    assert capsys.readouterr().err.startswith(f"SAMEROOF_{field}: ")
