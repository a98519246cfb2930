"""Free ports below the range the kernel hands to outgoing connections, so that a stopped server finds its port again."""

import random
import socket

_LOWEST, _HIGHEST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Different ports of 127.0.0.1 nobody listens on now; others may be faster, so callers try again on a clash."""
    draws = random.SystemRandom()  # forked processes must not draw the same numbers
    found: set[int] = set()
    while len(found) < count:
        if _free(port := draws.randrange(_LOWEST, _HIGHEST)):
            found.add(port)
    return list(found)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
