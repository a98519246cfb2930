"""The one-machine stack: `python -m deploy.local.stack up | down | topics [--home DIR]`.

`up` starts Kafka, creates the topics, starts the page sink and every service, waits until all are ready and writes
`.local/stack.json`; whatever goes wrong, it leaves nothing running. `down` stops what `up` started, nothing else.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from deploy.local import kafka, plan, processes
from deploy.local.broker import Broker
from deploy.local.home import CHECKOUT, Home
from deploy.local.plan import PREFIX, Planned, Wiring
from deploy.local.ports import free_ports
from deploy.local.readiness import NotReady, tail, wait_until_ready
from deploy.local.running import Running, write_json

_STEP_SECONDS = 90
_TOLD_TO_STOP = (signal.SIGINT, signal.SIGTERM)
_INTERRUPTED = {
    "up": "Interrupted; what was started is stopped again.",
    "down": "Interrupted half-way; once more: make down",
    "topics": "Interrupted.",
}


class Failed(Exception):
    """A step of `up` that did not succeed, told to the person who typed it."""


def up(home: Home) -> None:
    """Starts the stack; says so when it is up already. Raises Missing, BrokerFailed, NotReady or Failed, leaving nothing running."""
    running = Running(home.running)
    if home.stack.exists() and running.alive():
        _already_up(home, running)
        return
    running.stop()  # of an `up` that was killed
    home.stack.unlink(missing_ok=True)
    began = time.monotonic()
    fresh = not home.broker.exists()
    broker: Broker | None = None
    try:
        broker = _kafka(home)
        stack = _start_all(home, broker, running)
    except BaseException:
        running.stop()
        if broker is not None:
            broker.close(keep_data=not fresh)
        if fresh:
            home.clean()
        raise
    write_json(home.stack, stack)
    print(
        f"Up in {time.monotonic() - began:.1f} s. API {stack['api_url']}  board {stack['board_url']}\nAll of it: {home.stack}"
    )


def _already_up(home: Home, running: Running) -> None:
    gone = sorted(set(running.processes) - set(running.alive()))
    if gone:
        raise Failed(f"The stack is up but {', '.join(gone)} ended; see {home.folder / 'log'}, then: make down")
    print(f"Already up: {json.loads(home.stack.read_text())['board_url']}  ({home.stack})")


def _kafka(home: Home) -> Broker:
    if home.broker.exists():
        broker = kafka.attach(json.loads(home.broker.read_text()))
        print("Kafka: the one whose data was kept", flush=True)
        try:
            broker.start()
        except BaseException:
            broker.close(keep_data=True)
            raise
        return broker
    nodes = int(os.environ.get("NODES", "1"))
    broker = kafka.provide(nodes, home=home.data / "kafka", lasting=True, full_speed=True)
    write_json(home.broker, broker.record())
    return broker


def _start_all(home: Home, broker: Broker, running: Running) -> dict[str, Any]:
    shutil.rmtree(home.folder / "log", ignore_errors=True)
    wiring = _wiring(home, broker)
    given = {name: value for name, value in os.environ.items() if name != "SAMEROOF_STRICT"}
    shared = plan.shared_settings(wiring, given)
    _step(home, "topics", [sys.executable, "-m", "services.cli", "topics"], shared)
    sink = (
        sys.executable,
        "-m",
        "deploy.local.sink",
        "--port",
        str(wiring.ports["sink"]),
        "--file",
        str(home.data / "pages.jsonl"),
    )
    planned = plan.processes(wiring, given)
    for process in [Planned("sink", sink, shared), *planned]:
        note = partial(running.add, process.name)
        processes.start(process.command, log=home.log(process.name), record=note, env=process.environment, lasting=True)
    print(f"Starting {', '.join(process.name for process in planned)} ...", flush=True)
    checks = {"sink": wiring.page_sink_url, **{p.name: f"{wiring.ops_url(p.name)}/readyz" for p in planned}}
    wait_until_ready(checks, home.log, running)
    return _description(home, wiring, shared)


def _wiring(home: Home, broker: Broker) -> Wiring:
    names = [*plan.SERVICES, "http", "sink"]
    issuer = _step(
        home, "devissuer",
        [sys.executable, "-m", "services.runtime.devissuer", "--hours", "168", "--dir", str(home.issuer)],
        {**os.environ, f"{PREFIX}DEV_ISSUER": "1"},
    )  # fmt: skip
    return Wiring(
        home=home.data,
        python=sys.executable,
        bootstrap_servers=broker.bootstrap_servers,
        replication=3 if len(broker.nodes) >= 3 else 1,
        ports=dict(zip(names, free_ports(len(names)), strict=True)),
        issuer=json.loads(issuer),
        secrets={
            "WEBHOOK_SECRET": secrets.token_hex(32),
            "LINK_SECRET": secrets.token_hex(32),
            "BOARD_CODE": secrets.token_urlsafe(16),
        },
    )


def _step(home: Home, name: str, command: list[str], environment: dict[str, str]) -> str:
    """Runs one short program and returns what it printed; raises Failed with the end of its log."""
    log = home.log(name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
            cwd=CHECKOUT,
            timeout=_STEP_SECONDS,
            check=False,
        )
    if done.returncode != 0:
        raise Failed(f"{' '.join(command[1:4])} failed with {done.returncode}:\n{done.stdout}{tail(log)}")
    return done.stdout


def _description(home: Home, wiring: Wiring, settings: dict[str, str]) -> dict[str, Any]:
    catalogue = settings.get(f"{PREFIX}CATALOGUE", str(CHECKOUT / "schemas" / "catalogue"))
    return {
        "bootstrap_servers": wiring.bootstrap_servers,
        "api_url": wiring.api_url,
        "board_url": f"{wiring.api_url}/board?code={wiring.secrets['BOARD_CODE']}",
        "ops_urls": {name: wiring.ops_url(name) for name in plan.SERVICES},
        "page_sink_url": wiring.page_sink_url,
        "tokens": wiring.issuer["tokens"],
        "catalogue": str(Path(catalogue).resolve()),
        "partners": plan.partners(settings),
        "topic_settings": {name: int(settings[PREFIX + name.upper()]) for name in plan.TOPIC_SETTINGS},
        "dev_issuer": str(home.issuer),
    }


def down(home: Home, *, keep_data: bool) -> None:
    """Stops what `up` started; nothing to do is no error."""
    running = Running(home.running)
    nothing = not running.processes and not home.broker.exists()
    for name in running.stop():
        print(f"{name} did not stop when asked and was killed; its log: {home.log(name)}")
    if home.broker.exists():
        kafka.attach(json.loads(home.broker.read_text())).close(keep_data=keep_data)
    home.stack.unlink(missing_ok=True)
    if not keep_data:
        home.clean()
    print(
        "Nothing is up." if nothing else f"Down; {'data kept in ' + str(home.data) if keep_data else 'data deleted'}."
    )


def topics(home: Home) -> None:
    """Creates or verifies the topics of the running stack, or of KAFKA_BOOTSTRAP_SERVERS."""
    servers, of_stack = os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), {}
    if home.stack.exists():
        told = json.loads(home.stack.read_text())
        servers = told["bootstrap_servers"]
        of_stack = {PREFIX + name.upper(): str(value) for name, value in told.get("topic_settings", {}).items()}
    if not servers:
        raise Failed("No stack is up (make up) and KAFKA_BOOTSTRAP_SERVERS is not set.")
    environment = {**plan.DEFAULTS, **os.environ, **of_stack, f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": servers}
    command = [sys.executable, "-m", "services.cli", "topics"]
    if status := subprocess.run(command, env=environment, cwd=CHECKOUT, check=False).returncode:
        sys.exit(status)  # it said why


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.stack")
    parser.add_argument("command", choices=("up", "down", "topics"))
    parser.add_argument("--home", type=Path, default=CHECKOUT / ".local", help="folder of this stack (default .local)")
    asked = parser.parse_args()
    home = Home(asked.home.resolve())
    for number in _TOLD_TO_STOP:
        signal.signal(number, _interrupt)
    try:
        with home.locked():
            if asked.command == "down":
                down(home, keep_data=os.environ.get("KEEP") == "1")
            else:
                {"up": up, "topics": topics}[asked.command](home)
    except (Failed, NotReady, kafka.Missing, kafka.BrokerFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    except BaseException:  # confluent_kafka puts an error of its own in the place of a KeyboardInterrupt
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
            raise
        print(_INTERRUPTED[asked.command], file=sys.stderr)
        return 1
    return 0


def _interrupt(*_: object) -> NoReturn:
    """The first SIGINT or SIGTERM ends what is under way; what comes after it (make passes it on too) must not end the tidying up."""
    for number in _TOLD_TO_STOP:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
