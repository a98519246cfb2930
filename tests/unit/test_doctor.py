"""The doctor passes only what a start would pass."""

import socket
from pathlib import Path

import pytest

from deploy.local import doctor


def test_a_kafka_that_does_not_answer_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{nobody.getsockname()[1]}")
        found = doctor.given_kafka()
    assert found.required
    assert not found.have
    assert "does not answer" in found.remedy


def test_a_kafka_that_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        address = f"127.0.0.1:{somebody.getsockname()[1]}"
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", address)
        assert doctor.given_kafka().have == address


def test_an_engine_whose_api_nobody_serves_is_passed_over_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    found = doctor.engine()
    assert not found.have
    assert found.remedy.startswith("nobody listens at ")
