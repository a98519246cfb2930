"""The small parent of every process: starts it again at once when it ends, whatever the reason, and passes SIGTERM on.

`python -m services.runtime.supervise -- <command> [argument ...]`. Imports almost nothing, so that it is there in milliseconds.
"""

import os
import signal
import sys
import time
from collections import deque

WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
PATIENCE = 5
WINDOW_SECONDS = 60.0
LONGEST_DELAY_SECONDS = 15.0
_DIE_WITH_PARENT = 1  # prctl(PR_SET_PDEATHSIG)


def delay_before_restart(exits: "deque[float]", now: float) -> float:
    """Seconds to wait before the next start: none for five exits a minute, then 1, 2, 4 ... 15."""
    while exits and now - exits[0] > WINDOW_SECONDS:
        exits.popleft()
    beyond = len(exits) - PATIENCE
    return 0.0 if beyond <= 0 else min(LONGEST_DELAY_SECONDS, 2.0 ** (beyond - 1))


def supervise(command: list[str]) -> int:
    """Runs `command` until SIGTERM or SIGINT, then returns its exit status; never gives up before."""
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    exits: deque[float] = deque()
    while True:
        child = _start(command)
        status, told_to_stop = _attend(child)
        if told_to_stop:
            return status
        exits.append(time.monotonic())
        delay = delay_before_restart(exits, time.monotonic())
        _say(f"exit {status}, starting again" + (f" in {delay:.0f} s" if delay else ""))
        if delay and _told_to_stop_within(delay):
            return status


def _start(command: list[str]) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        _die_with(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        os.execvp(command[0], command)  # noqa: S606 - no shell is what we want
    except OSError as problem:
        _say(f"cannot run {command[0]}: {problem.strerror}")
    os._exit(127)


def _die_with(parent: int) -> None:
    """A killed parent must not leave a child behind that nobody restarts (Linux; elsewhere nothing happens)."""
    import ctypes  # noqa: PLC0415 - only the child pays for it

    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    except (AttributeError, OSError):
        return
    if os.getppid() != parent:
        os._exit(1)


def _attend(child: int) -> tuple[int, bool]:
    """Waits for the child to end, passing signals on. Its status, and whether we were told to stop."""
    told = False
    while True:
        received = signal.sigwait(WATCHED)
        if received != signal.SIGCHLD:
            told = True
            os.kill(child, received)
        while (ended := _reap())[0]:
            if ended[0] == child:
                return ended[1], told


def _reap() -> tuple[int, int]:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0
    return pid, os.waitstatus_to_exitcode(status) if pid else 0


def _told_to_stop_within(seconds: float) -> bool:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        received = signal.sigtimedwait(WATCHED, left)
        if received is not None and received.si_signo != signal.SIGCHLD:
            return True
    return False


def _say(text: str) -> None:
    sys.stderr.write(f'{{"event": "supervise", "reason": "{text}"}}\n')
    sys.stderr.flush()


def main() -> None:
    """Entry point."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        sys.stdout.write(f"{__doc__}\n")
        raise SystemExit(0)
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command or command[0].startswith("-"):
        sys.stderr.write("usage: python -m services.runtime.supervise -- <command> [argument ...]\n")
        raise SystemExit(os.EX_USAGE)
    status = supervise(command)
    raise SystemExit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
