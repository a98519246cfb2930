"""`sameroof explain` says what changed, opens a covert case by its word alone, and ends quietly when nobody reads on."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from services.cli.explain import explain
from services.cli.stackfile import Stack

WORD = "Grey Café №1"
CASE = {
    "case_id": "c", "code": "threat", "band": "P1", "state": "dispatched", "version": 9, "received_at": "noon", "tracks": [],
}  # fmt: skip


@dataclass
class Api:
    """What a stack tells of one case, and the code word it was last asked with."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    needs: str | None = None
    heard: str | None = None
    url: str = ""


@pytest.fixture
def api() -> Iterator[Api]:
    told = Api()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            header = self.headers.get("Sameroof-Code-Word")
            told.heard = None if header is None else header.encode("latin-1").decode()
            found = told.heard == told.needs
            shown = {"catalogue": "cat", "decisions": told.decisions} if self.path.endswith("explanation") else CASE
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(
                json.dumps(shown if found else {"title": "There is no such thing, or not for you"}).encode()
            )

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield told
        server.shutdown()


def why(rule: str, *, said: str = "So.", **more: Any) -> dict[str, Any]:
    told = {"rule": rule, "words": said, "rejected": {}, "again": "same", "differences": []}
    return told | {"inputs": {"asked": "everything", "band": "P1"}} | more


def decision(explanation: dict[str, Any], track: str | None = None) -> dict[str, Any]:
    return {"at": "noon", "fact": "updated", "explanations": [explanation]} | ({"track_id": track} if track else {})


def shown(api: Api, *decisions: dict[str, Any], full: bool = False) -> list[str]:
    """The lines that tell of these decisions."""
    api.decisions = list(decisions)
    text = explain(Stack(api.url, "token"), "c", full=full)
    return [one.strip() for one in text.partition("decided by")[2].splitlines()]


def rules(lines: list[str]) -> list[str]:
    return [one.removeprefix("rule ") for one in lines if one.startswith("rule ")]


def test_a_decision_that_comes_out_as_the_one_before_of_its_kind_is_counted_and_not_told(api: Api) -> None:
    lines = shown(api, decision(why("triage:a")), decision(why("coverage:b")), *[decision(why("triage:a"))] * 3)
    assert rules(lines) == ["triage:a", "coverage:b"]
    assert any(one.startswith("3 more came out as the one before of their kind; --full") for one in lines)


def test_what_a_report_and_what_an_update_decided_of_the_band_are_of_one_kind(api: Api) -> None:
    assert rules(shown(api, decision(why("triage:a")), decision(why("retriage:a")))) == ["triage:a"]


@pytest.mark.parametrize(
    "changed", [{"said": "Otherwise."}, {"rejected": {"away": 1}}, {"again": "differs"}, {"inputs": {"band": "P0"}}]
)
def test_a_decision_that_came_out_otherwise_is_told_and_so_is_the_next_that_goes_back(
    api: Api, changed: dict[str, Any]
) -> None:
    told = [decision(why("triage:a")), decision(why("triage:a", **changed)), decision(why("triage:a"))]
    assert len(rules(shown(api, *told))) == 3


def test_decisions_on_two_tracks_are_not_compared_with_each_other(api: Api) -> None:
    told = [decision(why("matching:nobody"), track) for track in ("one", "other", "one")]
    assert len(rules(shown(api, *told))) == 2


def test_another_number_of_the_same_offer_is_no_other_decision(api: Api) -> None:
    told = [decision(why("matching:nobody", inputs={"offer": str(number)})) for number in range(4)]
    assert len(rules(shown(api, *told))) == 1


def test_a_difference_from_what_is_stored_is_told_each_time(api: Api) -> None:
    apart = why("triage:a", again="differs", differences=[{"what": "band", "stored": "P1", "again": "P0"}])
    lines = shown(api, *[decision(apart)] * 3)
    assert lines.count("band: stored P1, now P0") == 3


def test_inputs_are_told_when_they_change_and_all_of_them_when_all_is_asked_for(api: Api) -> None:
    told = [decision(why("triage:a", inputs={"asked": "x", "band": band, "code": "y"})) for band in ("P1", "P0", "P0")]
    assert [one for one in shown(api, *told) if " = " in one] == ["band = P0"]
    full = shown(api, *told, full=True)
    assert (len(rules(full)), full.count("code = y"), any("asked" in one for one in full)) == (3, 3, False)


def run(api: Api, *arguments: str, typed: str = "", word: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command line, without a terminal."""
    environment = {name: value for name, value in os.environ.items() if name != "SAMEROOF_CODE_WORD"}
    environment |= {"SAMEROOF_API_URL": api.url, "SAMEROOF_TOKEN": "token", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "explain", "c", *arguments],
        env=environment | ({"SAMEROOF_CODE_WORD": word} if word else {}),
        input=typed, capture_output=True, text=True, start_new_session=True, check=False,
    )  # fmt: skip


def test_a_covert_case_is_explained_with_the_word_from_the_environment(api: Api) -> None:
    api.needs = WORD
    done = run(api, word=WORD + "\n")
    assert (done.returncode, "case c" in done.stdout) == (0, True)


def test_a_covert_case_is_explained_with_the_word_that_is_typed_and_never_shown(api: Api) -> None:
    api.needs = WORD
    done = run(api, "--covert", typed=WORD + "\n")
    assert (done.returncode, "case c" in done.stdout) == (0, True)
    assert WORD not in done.stdout


def test_who_forgot_the_code_word_is_told_how_to_give_it_and_who_gave_a_wrong_one_is_told_nothing_more(
    api: Api,
) -> None:
    api.needs = WORD
    forgot, wrong = run(api), run(api, word="heron")
    assert (forgot.returncode, "--covert" in forgot.stderr, "Traceback" in forgot.stderr) == (1, True, False)
    assert (wrong.returncode, "--covert" in wrong.stderr, "heron" in wrong.stderr) == (1, False, False)


def test_a_case_that_is_not_covert_is_asked_for_without_a_code_word(api: Api) -> None:
    assert run(api).returncode == 0
    assert api.heard is None


def test_a_stack_never_shows_what_it_speaks_with() -> None:
    assert repr(Stack("http://none", "secret", WORD)).count("secret") == 0


def test_a_reader_who_has_enough_ends_the_command_quietly(api: Api) -> None:
    api.decisions = [decision(why("triage:a", said=f"{number} " + "x" * 1_000)) for number in range(300)]
    command = f"{sys.executable} -m services.cli explain c | head -n 1"
    environment = os.environ | {"SAMEROOF_API_URL": api.url, "SAMEROOF_TOKEN": "token"}
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("case c\n", "")
