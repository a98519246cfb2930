"""Makes a node's start fast, once per cache: a formatted metadata log and Java's shared class archive."""

import subprocess
import tempfile
from pathlib import Path

from deploy.local.broker import CLUSTER_ID, READY_SECONDS, Say, settings_for, wait_until_ready
from deploy.local.jars import Jars, making
from deploy.local.missing import Missing
from deploy.local.node import Node, java_command
from deploy.local.ports import free_ports


def warm(jars: Jars, say: Say) -> None:
    """Fills in what the cache lacks; nothing when it is whole."""
    if not jars.checkpoint.exists():
        _format(jars)
    if not jars.archive.exists():
        say("Preparing a fast start for Kafka (once) ...")
        _archive(jars)


def _format(jars: Jars) -> None:
    with making(jars.checkpoint) as scratch, tempfile.TemporaryDirectory() as folder:
        if scratch is None:
            return
        node = Node(1, Path(folder) / "node", *free_ports(2))
        node.prepare(voters=node.voter, settings=settings_for(1), checkpoint=None)
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(node.home / "server.properties")]
        command = java_command(jars, ["-XX:TieredStopAtLevel=1"], *tool)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=READY_SECONDS)
        if done.returncode != 0:
            raise Missing("Kafka could not format its storage", "a look at what it said:", done.stdout + done.stderr)
        scratch.write_bytes((node.home / "data" / jars.checkpoint.name).read_bytes())


def _archive(jars: Jars) -> None:
    """Runs a node to readiness and back once; java writes the classes it loaded. A java that cannot only starts slower."""
    with making(jars.archive) as scratch, tempfile.TemporaryDirectory() as folder:
        if scratch is None:
            return
        node = Node(1, Path(folder) / "node", *free_ports(2))
        node.prepare(voters=node.voter, settings=settings_for(1), checkpoint=jars.checkpoint)
        process = node.start(jars, [f"-XX:ArchiveClassesAtExit={scratch}"], lasting=False)
        try:
            wait_until_ready(f"127.0.0.1:{node.port}", nodes=1, seconds=READY_SECONDS, alive=process.alive)
        finally:
            node.stop(READY_SECONDS)
