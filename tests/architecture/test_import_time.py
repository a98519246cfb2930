"""No work at import: no socket, thread, file, app, setting or metric before `main` (STYLE rule 11)."""

import json
import subprocess
import sys

from tests.architecture.sources import ROOT, dotted, python_files

PROBE = """
import builtins, gc, importlib, json, os, pathlib, socket, subprocess, sys, threading
# Libraries first: their work at import is not ours.
import aiohttp, aiokafka, croniter, docker, fastapi, faust, mode
import prometheus_client, pydantic_settings, structlog, testcontainers.core.container

broken, current = [], ""
def refuse(what):
    def refused(*args, **kwargs):
        broken.append(f"{current}: {what}")
        raise RuntimeError(f"{what} at import")
    return refused

collectors = len(prometheus_client.REGISTRY._collector_to_names)
configured = structlog.is_configured()
opened = builtins.open
def reading_only(file, mode="r", *args, **kwargs):
    return refuse(f"opens {file} for writing")() if set(mode) & set("wax+") else opened(file, mode, *args, **kwargs)
sys.dont_write_bytecode = True
builtins.open = reading_only
socket.socket.connect = socket.socket.bind = refuse("socket")
socket.getaddrinfo = refuse("name look-up")
threading.Thread.start = refuse("thread")
subprocess.Popen.__init__ = refuse("process")
os.fork = refuse("fork")
for current in json.loads(sys.argv[1]):
    try:
        importlib.import_module(current)
    except BaseException as problem:
        broken.append(f"{current}: {type(problem).__name__}: {problem}")
made = [type(one).__name__ for one in gc.get_objects()
        if isinstance(one, (faust.App, fastapi.FastAPI, pydantic_settings.BaseSettings, mode.Service))]
if made: broken.append(f"made at import: {made}")
if len(prometheus_client.REGISTRY._collector_to_names) != collectors: broken.append("the default metric registry was used")
if structlog.is_configured() != configured: broken.append("logging was configured")
print(json.dumps(broken))
"""


def test_importing_any_module_does_no_work_and_needs_no_setting() -> None:
    modules = [dotted(path) for path in python_files("schemas", "services", "deploy")]
    assert len(modules) > 40
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE, json.dumps(modules)],
        cwd=ROOT,
        env={"PATH": "/nonexistent", "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    work = json.loads(run.stdout.splitlines()[-1])
    assert not work, "\n".join(work)
