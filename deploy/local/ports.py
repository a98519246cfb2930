"""Free ports below the range the kernel hands to outgoing connections, so that a stopped server finds its port again."""

import random
import socket

_LOWEST, _HIGHEST = 20_000, 32_000


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on now; another process may still be faster, so callers try again on a clash."""
    generator = random.SystemRandom()  # forked processes must not draw the same numbers
    while True:
        port = generator.randrange(_LOWEST, _HIGHEST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
