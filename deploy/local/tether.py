"""Runs a command that the kernel kills when the thread that started it is gone: `tether.py <starter's pid> <command...>`.

A program of its own because setting this between fork and exec of a threaded process is not safe.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(starter: int, command: list[str]) -> None:
    """Replaces this process by `command`; exits 1 when the starter died before the tie was made."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != starter:
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
