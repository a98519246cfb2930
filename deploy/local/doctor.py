"""Names what this machine lacks and how to get it. Standard library only: it runs before the environment exists."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.local import jars
from deploy.local.missing import Missing
from deploy.local.tools import TOOLS

_CHECKOUT = Path(__file__).parents[2]
_DISK_BYTES = 2 * 1024**3
_ENGINE_SECONDS = 330  # an image may be pulled
_ANSWER_SECONDS = 3


@dataclass(frozen=True)
class Finding:
    """`have` says what was found; without it `remedy` says how to get it, and `required` whether anything works before."""

    what: str
    have: str = ""
    remedy: str = ""
    required: bool = True

    def __str__(self) -> str:
        mark = "ok      " if self.have else "MISSING " if self.required else "optional"
        return f"{mark} {self.what}: {self.have or self.remedy}"


def python() -> Finding:
    """A Python that is new enough and can make environments."""
    version = ".".join(map(str, sys.version_info[:3]))
    able = sys.version_info >= (3, 11) and find_spec("ensurepip") is not None
    return Finding("Python 3.11 or newer, with venv", version if able else "", "apt-get install python3 python3-venv")


def environment() -> Finding:
    """The project's own environment."""
    made = (_CHECKOUT / ".venv" / ".made-from-lock").exists()
    return Finding("environment", ".venv" if made else "", "make env (other targets do it for you)", required=False)


def given_kafka() -> Finding:
    """A Kafka somebody else runs."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
    if not servers or any(map(_opens, servers.split(","))):
        return Finding("a Kafka of your own", servers, "set KAFKA_BOOTSTRAP_SERVERS to use one", required=False)
    return Finding("a Kafka of your own", "", f"{servers} does not answer: start it, or unset KAFKA_BOOTSTRAP_SERVERS")


def _opens(server: str) -> bool:
    host, _, port = server.strip().rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS):
            return True
    except (OSError, ValueError, OverflowError):
        return False


def engine() -> Finding:
    """A container engine that whoever provides Kafka would use: judged by the same code, once there is an environment to run it."""
    what, python = "container engine", _CHECKOUT / ".venv" / "bin" / "python"
    programs = " and ".join(filter(None, map(shutil.which, ("docker", "podman"))))
    if not python.exists():
        there = f"{programs}: judged once the environment is made" if programs else "none is installed"
        return Finding(what, "", f"{there}; else Kafka runs on Java", required=False)
    command = [str(python), "-m", "deploy.local.engine"]
    try:
        asked = subprocess.run(
            command, cwd=_CHECKOUT, capture_output=True, text=True, check=False, timeout=_ENGINE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Finding(what, "", f"no verdict within {_ENGINE_SECONDS} s", required=False)
    said = asked.stdout.strip() or "it could not be judged"
    if asked.returncode == 0:
        return Finding(what, said)
    without_api = f"; {programs} alone will not do, its API must listen (DOCKER_HOST names it)" if programs else ""
    return Finding(what, "", f"{said}{without_api}; Kafka then runs on Java", required=False)


def java() -> Finding:
    """Java for Kafka's jars."""
    try:
        return Finding(f"Java {jars.JAVA_AT_LEAST} or newer", jars.find_java())
    except Missing as missing:
        return Finding(missing.what, "", missing.remedy)


def kafka_jars() -> Finding:
    """The jars, or the program that fetches them."""
    if jars.fetched(jars.cache_root()):
        return Finding(f"Apache Kafka {jars.VERSION}", str(jars.cache_root()))
    return Finding(
        "Maven, to fetch Kafka once", shutil.which("mvn") or "", "apt-get install maven (macOS: brew install maven)"
    )


def disk() -> Finding:
    """Room for the environment, Kafka and the stack's data."""
    free = shutil.disk_usage(_CHECKOUT).free
    have = f"{free / 1024**3:.0f} GiB" if free > _DISK_BYTES else ""
    return Finding("2 GiB of free disk", have, f"only {free / 1024**2:.0f} MiB are free")


def tools() -> list[Finding]:
    """Programs single suites need."""
    return [Finding(t.name, t.find() or "", f"{t.remedy}; for {t.needed_for}", required=False) for t in TOOLS.values()]


def examine() -> list[Finding]:
    """All findings. Java and the jars are only required when nothing else provides Kafka."""
    first: list[Callable[[], Finding]] = [python, environment, disk, given_kafka, engine]
    found = [look() for look in first]
    provided = any(finding.have for finding in found[3:])
    kafka = [java(), kafka_jars()]
    return [*found, *(Finding(f.what, f.have, f.remedy, required=not provided) for f in kafka), *tools()]


def main() -> int:
    """Exit status 1 when something required is missing."""
    findings = examine()
    for finding in findings:
        print(finding)
    return int(any(finding.required and not finding.have for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
