"""What the demo's parts know of the stack: its file, and the tokens its dev issuer signs for responders."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.home import CHECKOUT

_ISSUER_SECONDS = 60


@dataclass(frozen=True)
class Stack:
    """The part of the stack file that the demo uses; `partners` maps id and door to a topic."""

    bootstrap_servers: str
    api_url: str
    board_url: str
    page_sink_url: str
    tokens: Mapping[str, str]
    partners: Mapping[str, Mapping[str, str]]
    dev_issuer: str


def read_stack(file: Path) -> Stack:
    """The stack at `file`; raises OSError when none is up."""
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return Stack(**{name: found[name] for name in Stack.__dataclass_fields__})


def responder_tokens(stack: Stack, responder_ids: Sequence[str]) -> dict[str, str]:
    """A token for each responder, signed by the stack's dev issuer; raises CalledProcessError when it refuses."""
    subjects = [part for one in responder_ids for part in ("--subject", one)]
    command = [sys.executable, "-m", "services.runtime.devissuer", "--dir", stack.dev_issuer, "--role", "responder"]
    done = subprocess.run(
        [*command, *subjects],
        cwd=CHECKOUT,
        env={**os.environ, "SAMEROOF_DEV_ISSUER": "1"},
        timeout=_ISSUER_SECONDS,
        capture_output=True,
        text=True,
        check=True,
    )
    tokens: dict[str, str] = json.loads(done.stdout)["tokens"]
    return tokens
