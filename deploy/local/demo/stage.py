"""The stack the demo plays on: always a fresh one, with the demo's short clocks; started and stopped by its own commands."""

import os
import subprocess
import sys
from collections.abc import Mapping

from deploy.local.demo.dump import reports_on
from deploy.local.demo.short_clocks import write_catalogue
from deploy.local.demo.stackfile import Stack, read_stack
from deploy.local.given import VARIABLE
from deploy.local.home import CHECKOUT, Home

_STACK = "deploy.local.stack"
DOWN = f".venv/bin/python -m {_STACK} down"


class NoStage(Exception):
    """The stack did not come up, or is not empty."""


def set_up(home: Home) -> Stack:
    """A fresh stack; one that is up is taken down first, with its data. Raises NoStage."""
    if home.stack.exists() or home.running.exists():
        print("A stack is up here; the demo counts from empty topics, so it is started anew.", flush=True)
        take_down(home)
    catalogue = write_catalogue(CHECKOUT / "schemas" / "catalogue", home.folder / "demo" / "catalogue")
    if _command("up", home, {"SAMEROOF_CATALOGUE": str(catalogue)}) != 0:
        raise NoStage("The stack did not come up; see above.")
    stack = read_stack(home.stack)
    if reports_on(stack.bootstrap_servers):
        take_down(home)
        raise NoStage(
            f"The Kafka at {stack.bootstrap_servers} holds reports already and the demo counts from empty topics:"
            f" use an empty one, or unset {VARIABLE} to let Sameroof start its own."
        )
    return stack


def refusal(home: Home) -> str | None:
    """Why no demo is played here: what `make down KEEP=1` kept is not the demo's to delete. None when it may begin."""
    up = home.stack.exists() or home.running.exists()
    return (
        f"Data was kept in {home.data}, and the demo counts from empty topics; `make down` deletes it."
        if home.broker.exists() and not up
        else None
    )


def take_down(home: Home) -> None:
    """Stops the stack and deletes its data."""
    _command("down", home, {"KEEP": "0"})


def _command(verb: str, home: Home, more: Mapping[str, str]) -> int:
    command = [sys.executable, "-m", _STACK, verb, "--home", str(home.folder)]
    return subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **more}, check=False).returncode
