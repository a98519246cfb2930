"""The running local stack, as its file tells: where the API is and which token to show, and the code word of a covert case."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import Any

DEFAULT = Path(".local/stack.json")
BUS = "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS"
WORD = "SAMEROOF_CODE_WORD"


class Unreachable(RuntimeError):
    """The stack, or what was asked of it, is not there; the text says what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class Stack:
    """Where the API of a stack is, the token to speak with, and a covert case's code word (never in what is printed)."""

    api_url: str
    token: str
    code_word: str | None = None

    def get(self, path: str) -> Any:
        """The JSON at a path of the API. Raises `Unreachable` with the API's own words."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.code_word is not None:  # in one line, as the API reads it; a header carries UTF-8 as Latin-1
            headers["Sameroof-Code-Word"] = " ".join(self.code_word.split()).encode().decode("latin-1")
        request = urllib.request.Request(self.api_url + path, headers=headers)  # noqa: S310 - the operator's own setting
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            problem = json.load(refused)
            words = [str(one).rstrip(".") for one in (problem.get("title"), problem.get("detail")) if one]
            raise Unreachable(f"{': '.join([str(refused.code), *words])}.") from None
        except OSError as away:
            raise Unreachable(f"{self.api_url} does not answer ({away}); is the stack up? make up") from None


def code_word(*, ask: bool) -> str | None:
    """The code word in SAMEROOF_CODE_WORD, else the one typed unseen, if asked for. Never from the command line, which others can read."""
    return os.environ.get(WORD) or (getpass("code word: ") if ask else None)


def find(path: Path, role: str) -> Stack:
    """The stack to ask: `SAMEROOF_API_URL` and `SAMEROOF_TOKEN` if both are set, else the stack file's."""
    url, token = os.environ.get("SAMEROOF_API_URL"), os.environ.get("SAMEROOF_TOKEN")
    if url and token:
        return Stack(url, token)
    try:
        told = json.loads(path.read_text("utf-8"))
        return Stack(told["api_url"], told["tokens"][role])
    except FileNotFoundError:
        raise Unreachable(
            f"{path} is missing: make up starts a stack here, or set SAMEROOF_API_URL and SAMEROOF_TOKEN"
        ) from None
    except (KeyError, ValueError):
        raise Unreachable(f"{path} is not a stack file with a token for the role {role}") from None


@dataclass(frozen=True, slots=True)
class Bus:
    """The Kafka of a stack: runtime settings by field name, and its partners, comma separated; nothing where the environment tells."""

    settings: Mapping[str, Any]
    partners: str | None = None


def bus_of(path: Path) -> Bus:
    """The stack file's Kafka, unless the environment names one or there is no such file. Raises `Unreachable` on another file."""
    if BUS in os.environ or not path.exists():
        return Bus({})
    try:
        told = json.loads(path.read_text("utf-8"))
        settings = {"kafka_bootstrap_servers": told["bootstrap_servers"], **told["topic_settings"]}
        return Bus(settings, ",".join(told["partners"]))
    except (KeyError, TypeError, ValueError):
        raise Unreachable(f"{path} is not a stack file of this version") from None
