"""The page sink: receives signed webhooks, keeps each notice once, shows them as JSON lines.

`python -m deploy.local.sink --port PORT --file FILE`, the secret in SAMEROOF_WEBHOOK_SECRET. POST takes one notice, signed with
`Sameroof-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, under its `Idempotency-Key`, or several in one message
(`notices` of a `bundle_id`), each kept under its own id; GET answers all of them.
"""

import argparse
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "SAMEROOF_WEBHOOK_SECRET"  # noqa: S105 - the variable's name
LARGEST_BYTES = 64 * 1024
TOLERANCE_SECONDS = 300
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class Refused(Exception):
    """A delivery that is not taken: HTTP status and reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Received:
    """What was delivered, once per idempotency key, in memory and appended to a file that a restart reads again."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, str] = {}
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            for line in file.read_text().splitlines():
                self._lines[json.loads(line)["idempotency_key"]] = line
        self._file = file.open("a")

    def take(self, key: str, notice: dict[str, Any], received_at: str) -> bool:
        """Keeps the notice unless its key was seen; whether it was new."""
        with self._lock:
            if key in self._lines:
                return False
            line = json.dumps({"at": received_at, **notice, "received_at": received_at, "idempotency_key": key})
            self._file.write(line + "\n")
            self._file.flush()
            self._lines[key] = line
            return True

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def lines(self) -> str:
        """All notices in the order they came."""
        with self._lock:
            return "".join(line + "\n" for line in self._lines.values())


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """What `v1` must be for this body signed at this second."""
    return hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def verified(secret: bytes, header: str, body: bytes, *, now: float) -> dict[str, Any]:
    """The notice in the body; raises Refused when the signature is missing, stale or wrong, or the body no JSON object."""
    found = _SIGNATURE.fullmatch(header)
    if found is None:
        raise Refused(401, "no signature")
    if abs(now - int(found[1])) > TOLERANCE_SECONDS:
        raise Refused(401, "stale signature")
    if not hmac.compare_digest(signature(secret, int(found[1]), body), found[2]):
        raise Refused(401, "wrong signature")
    try:
        notice = json.loads(body)
    except ValueError:
        notice = None
    if not isinstance(notice, dict):
        raise Refused(400, "not a JSON object")
    return notice


def each_of(key: str, told: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The notices of one message and the key of each; raises Refused for what is none."""
    if "bundle_id" not in told:
        return [(key, told)]
    try:
        return [(one["notice_id"], {**one, "bundle_id": told["bundle_id"]}) for one in told["notices"]]
    except (KeyError, TypeError):
        raise Refused(400, "a bundle without notices") from None


class Handler(BaseHTTPRequestHandler):
    """One connection; `received` and `secret` are set on the subclass that `serve` makes."""

    protocol_version = "HTTP/1.1"
    received: Received
    secret: bytes

    def do_GET(self) -> None:
        """All notices."""
        self._answer(200, self.received.lines(), "application/x-ndjson")

    def do_POST(self) -> None:
        """One notice: 201 when new, 200 when its key was seen."""
        try:
            key, told = self._delivery()
            each = each_of(key, told)
        except Refused as refused:
            self.close_connection = True  # the body may still be on the wire
            self._answer(refused.status, f"{refused}\n")
            return
        at = datetime.now(UTC).isoformat()
        new = [self.received.take(one_key, one, at) for one_key, one in each]
        self._answer(201 if any(new) else 200, "")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent: what came is in the file."""

    def _delivery(self) -> tuple[str, dict[str, Any]]:
        key = self.headers.get("Idempotency-Key", "")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BYTES:
            raise Refused(413 if length.isdecimal() else 411, "send a Content-Length of at most 64 KiB")
        body = self.rfile.read(int(length))
        if not key:
            raise Refused(400, "no Idempotency-Key")
        return key, verified(self.secret, self.headers.get("Sameroof-Signature", ""), body, now=time.time())

    def _answer(self, status: int, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Threads die with the process; a queue long enough for a burst of pages."""

    daemon_threads = True
    request_queue_size = 128
    received: Received

    def server_close(self) -> None:
        """Closes the file too."""
        super().server_close()
        self.received.close()


def serve(port: int, file: Path, secret: bytes) -> Server:
    """A bound server, not serving yet; port 0 takes a free one."""
    received = Received(file)
    server = Server(("127.0.0.1", port), type("Sink", (Handler,), {"received": received, "secret": secret}))
    server.received = received
    return server


def main() -> int:
    """Serves on 127.0.0.1 until SIGTERM."""
    parser = argparse.ArgumentParser(description="Receives pages.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    asked = parser.parse_args()
    if not os.environ.get(SECRET):
        print(f"{SECRET} is not set", file=sys.stderr)
        return os.EX_CONFIG
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with serve(asked.port, asked.file, os.environ[SECRET].encode()) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
