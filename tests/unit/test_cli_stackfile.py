"""What the API refuses is told in its words."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from services.cli.stackfile import Stack, Unreachable


class _Refuses(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"title": "There is no such thing, or not for you", "status": 404}).encode()
        self.send_response(404)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Quiet."""


@pytest.fixture
def api() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Refuses) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_refusal_without_detail_is_a_whole_sentence(api: str) -> None:
    with pytest.raises(Unreachable) as refused:
        Stack(api, "token").get("/v1/cases/none")
    assert str(refused.value) == "404: There is no such thing, or not for you."
