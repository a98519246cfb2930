"""Waits until every process answers that it is ready, or says which does not and shows the end of its log."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deploy.local.running import Running

READY_SECONDS = 60.0
_CRASHES = 3  # exits at start-up that may be bad luck
_TAIL_LINES = 25


class NotReady(Exception):
    """A process that did not come up; carries the end of its log."""


def wait_until_ready(checks: Mapping[str, str], log: Callable[[str], Path], running: Running) -> None:
    """Returns once every URL answers 200; raises NotReady after a minute, or as soon as a process is seen to crash for ever."""
    waiting = dict(checks)
    until = time.monotonic() + READY_SECONDS
    while waiting:
        waiting = {name: url for name, url in waiting.items() if not _ready(url)}
        for name in waiting:
            if name not in running.alive() or _hopeless(log(name)):
                raise NotReady(f"{name} cannot start; the end of {log(name)}:\n{tail(log(name))}")
        if waiting and time.monotonic() > until:
            name = next(iter(waiting))
            late = ", ".join(waiting)
            raise NotReady(f"Not ready after {READY_SECONDS:.0f} s: {late}; the end of {log(name)}:\n{tail(log(name))}")
        time.sleep(0.1)


def tail(log: Path) -> str:
    """The last lines of a log, indented; empty when there is none."""
    lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:] if log.exists() else []
    return "".join(f"    {line}\n" for line in lines)


def _ready(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _hopeless(log: Path) -> bool:
    """Whether the process crashed too often, or refused its settings: no other start will go better."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return text.count('"event": "supervise"') > _CRASHES or f"exit {os.EX_CONFIG}," in text
