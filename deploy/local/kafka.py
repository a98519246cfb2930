"""Provides a real Kafka: the given one, else a container, else Apache Kafka's jars on Java; says which, or what to install.

As a program, `python -m deploy.local.kafka` runs one until it is interrupted; NODES=3 gives three nodes.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local import containers, nodes
from deploy.local.broker import Broker, BrokerFailed, OutOfReach, Say, Start, say_now
from deploy.local.engine import IMAGE, find_engine
from deploy.local.given import VARIABLE, GivenBroker, given
from deploy.local.jars import VERSION
from deploy.local.missing import Away, Missing
from deploy.local.processes import Process, this_process

__all__ = ["Broker", "BrokerFailed", "Missing", "OutOfReach", "attach", "provide"]

_HOMES = Path(__file__).parents[2] / ".local" / "kafka"


def provide(
    count: int = 1,
    *,
    home: Path | None = None,
    lasting: bool = False,
    full_speed: bool = False,
    settings: Mapping[str, str] | None = None,
    say: Say = say_now,
) -> Broker:
    """A running broker of 1 or 3 nodes, empty; raises Missing, or BrokerFailed, leaving nothing behind.

    home: where its data goes, a new folder or what a killed start left; by default a folder under `.local/kafka` that goes with the broker.
    lasting: it outlives this process; otherwise it is killed with it, however that ends.
    full_speed: for measurements; starts slower. settings: Kafka settings on top of `broker.settings_for(count)`.
    """
    size = "1 node" if count == 1 else f"{count} nodes"
    if servers := os.environ.get(VARIABLE):
        say(f"Kafka: the one at {VARIABLE}={servers}")
        return given(servers)
    how = Start(home or _new_home(), count, settings or {}, lasting, full_speed)
    if engine := find_engine(say):
        say(f"Kafka: {IMAGE} in a container, {size}")
        return containers.start(engine, how)
    say(f"Kafka: Apache Kafka {VERSION} on Java, {size}")
    return nodes.start(how, say)


def attach(record: Mapping[str, Any]) -> Broker:
    """The broker whose `record()` this is, in whatever state it is now; raises Missing when its engine is gone."""
    if record["kind"] == "jars":
        return nodes.attach(record)
    if record["kind"] == "given":
        return GivenBroker(record["bootstrap_servers"])
    engine = find_engine(say_now)
    if engine is None:
        raise Away("The container engine that runs this stack's Kafka", "start it")
    return containers.attach(engine, record)


def _new_home() -> Path:
    """A folder named after this process; those of processes that died without tidying up are removed first."""
    _HOMES.mkdir(parents=True, exist_ok=True)
    for folder in _HOMES.glob("*.*.*"):
        pid, started, _ = folder.name.split(".")
        if not Process(int(pid), bytes.fromhex(started).decode()).alive():
            shutil.rmtree(folder, ignore_errors=True)
    owner = this_process()
    return Path(tempfile.mkdtemp(prefix=f"{owner.pid}.{owner.started.encode().hex()}.", dir=_HOMES))


def main() -> int:
    """Runs a broker until SIGINT or SIGTERM; prints its address."""
    argparse.ArgumentParser(
        prog="python -m deploy.local.kafka",
        description="Runs a Kafka until interrupted; NODES=3 gives three nodes. Prints its address.",
    ).parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        broker = provide(int(os.environ.get("NODES", "1")))
    except (Missing, BrokerFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    try:
        print(f"{VARIABLE}={broker.bootstrap_servers}", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
