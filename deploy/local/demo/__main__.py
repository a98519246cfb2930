"""`python -m deploy.local.demo`: starts a fresh stack, plays the demo live, and ends with a verdict; exit status 0 only if it is good.

The stack stays up for you to try, unless CI=true or DEMO_KEEP=0. `--brief` plays the mixed reports only.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from deploy.local.demo import acts, plays, stage, summary
from deploy.local.demo.acts import Cast, PlayFailed
from deploy.local.demo.api import Caller, CallFailed, client
from deploy.local.demo.parts import PartFailed
from deploy.local.demo.plays import Play, play_of
from deploy.local.demo.screen import Screen
from deploy.local.demo.sendlog import SendLog, read_logs
from deploy.local.demo.stackfile import Stack, responder_tokens
from deploy.local.demo.vignettes import SILENT_DESK
from deploy.local.demo.watching import Watch
from deploy.local.home import CHECKOUT, Home

_FAILURES = (stage.NoStage, PlayFailed, PartFailed, CallFailed)


async def perform(play: Play, stack: Stack, *, brief: bool) -> None:
    """The whole play; leaves no part running. Raises PlayFailed, PartFailed or CallFailed."""
    lead = f"{SILENT_DESK}-lead"
    tokens = await asyncio.to_thread(responder_tokens, stack, [lead])
    watch, log = Watch(stack), SendLog(play.logs, "play")
    watch.start()
    async with client(stack.api_url) as connections:
        agent, supervisor = (Caller(connections, stack.tokens[role]) for role in ("agent", "supervisor"))
        cast = Cast(play, stack, Screen(), watch, agent, supervisor, Caller(connections, tokens[lead]), log, {})
        painting = asyncio.create_task(_paint(cast))
        try:
            await acts.move_in(cast)
            for act in (acts.crowd_only,) if brief else (acts.vignettes, acts.crowd_and_silence):
                await act(cast)
            await acts.finish(cast)
        finally:
            painting.cancel()
            for part in cast.parts.values():
                part.stop()
            watch.stop()
            log.close()
            cast.screen.leave(watch.standing)


async def _paint(cast: Cast) -> None:
    while True:
        cast.screen.paint(cast.standing)
        await asyncio.sleep(0.25)


def judge(home: Home, play: Play) -> bool:
    """The verdict step, a process of its own; its figures are shown, good or bad."""
    out, dump = home.folder / "demo.json", play.logs / "dump.jsonl"
    command = [
        "-m",
        "deploy.local.demo.verdict",
        "--stack",
        str(home.stack),
        "--logs",
        str(play.logs),
        "--out",
        str(out),
    ]
    print("\nCounting what was sent and what the topics hold; this takes about ten seconds ...", flush=True)
    status = subprocess.run([sys.executable, *command, "--save-dump", str(dump)], cwd=CHECKOUT, check=False).returncode
    if out.exists():
        print("\n".join(["", f"What came out ({out}):", *summary.table(json.loads(out.read_text()))]), flush=True)
    print("\n  The books balance." if status == 0 else "\n  The books do NOT balance; see above.")
    return status == 0


def run(home: Home, asked: argparse.Namespace) -> bool:
    """Stage, play, verdict. Raises what they raise."""
    logs = home.folder / "demo"
    shutil.rmtree(logs, ignore_errors=True)
    (home.folder / "demo.json").unlink(missing_ok=True)  # figures of an older run would be taken for this one's
    stack = stage.set_up(home)
    play = play_of(asked, home.stack, logs)
    began = time.monotonic()
    asyncio.run(perform(play, stack, brief=asked.brief))
    good = judge(home, play)
    print(f"  The play took {time.monotonic() - began:.0f} s.")
    if _keeps():
        told = sorted(read_logs(logs), key=lambda one: one.act != "silence")  # the story with a page, if it was played
        case = next((one.case_id for one in told if one.case_id), "CASE")
        down = "make down" if home.folder == CHECKOUT / ".local" else f"{stage.DOWN} --home {home.folder}"
        print("\n".join(summary.things_to_try(stack, _shown(home.stack), case, down=down)))
    return good


def _keeps() -> bool:
    in_ci = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    return os.environ.get("DEMO_KEEP", "0" if in_ci else "1") != "0"


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.demo")
    parser.add_argument("--home", type=Path, default=CHECKOUT / ".local", help="folder of the stack (default .local)")
    parser.add_argument("--brief", action="store_true", help="the mixed reports only")
    plays.add_arguments(parser)
    asked = parser.parse_args()
    home = Home(asked.home.resolve())
    if refused := stage.refusal(home):
        print(refused, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    finished = False
    try:
        good = run(home, asked)
        finished = True
    except _FAILURES as failed:
        print(f"\nThe demo broke off: {failed}", file=sys.stderr)
        good, finished = False, not isinstance(failed, stage.NoStage)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        good = False
    finally:
        if not (finished and _keeps()):
            stage.take_down(home)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
