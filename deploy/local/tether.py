"""Runs a command once its starter has written down that it runs: `tether.py <starter's pid, or 0> <command...>`.

It waits for one byte on standard input; when the starter dies before, nothing was started. Given a pid, the kernel also kills
the command when the thread that started it is gone (Linux). A program of its own, because neither is safe between fork and
exec of a threaded process.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(starter: int, command: list[str]) -> None:
    """Replaces this process by `command`; exits 1 when the starter died before."""
    if starter and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != starter:
            sys.exit(1)
    if not os.read(0, 1):
        sys.exit(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
