"""A provider as a process of its own: takes webhooks, writes each down before it answers, judges nothing.

`python -m tests.stage.sink_process PORT FILE`: one JSON line for each request taken, with its idempotency key and body. What is posted
below `/slow` is answered a second after it was taken.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

SLOW_SECONDS = 1.0


class Handler(BaseHTTPRequestHandler):
    """`file` is set before it serves."""

    protocol_version = "HTTP/1.1"
    file: int
    lock = Lock()

    def do_POST(self) -> None:
        """Takes one message."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        line = json.dumps({"key": self.headers["Idempotency-Key"], "path": self.path, "body": body}) + "\n"
        with self.lock:
            os.write(self.file, line.encode())
        if self.path.startswith("/slow"):
            time.sleep(SLOW_SECONDS)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent: what came is in the file."""


class Server(ThreadingHTTPServer):
    """A queue long enough for a burst; whoever calls may die in the middle of it."""

    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller is gone."""


def main(port: int, file: Path) -> None:
    """Serves until it is killed."""
    Handler.file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    Server(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
