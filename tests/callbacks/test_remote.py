"""RemoteMonitor against a server of our own, and what is out of the field."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from pronghorn import callbacks
from pronghorn.errors import UnsupportedError


class Server(HTTPServer):
    """Remembers what was posted: path, content type, headers, text."""

    seen: list[tuple[str, str, Any, str]]
    answer = 200

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        kind = self.headers["Content-Type"]
        self.server.seen.append((self.path, kind, self.headers, text))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    found.seen = []
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


LOGS = {"loss": np.float32(0.5), "val": np.array(2.0), "plain": 1}
SENT = {"epoch": 4, "loss": 0.5, "val": 2.0, "plain": 1}


def test_a_form(server: Server) -> None:
    callbacks.RemoteMonitor(server.root).on_epoch_end(4, LOGS)
    ((path, kind, _, text),) = server.seen
    assert path == "/publish/epoch/end/"
    assert kind == "application/x-www-form-urlencoded"
    form = urllib.parse.parse_qs(text)
    assert list(form) == ["data"]
    assert json.loads(form["data"][0]) == SENT


def test_json_elsewhere(server: Server) -> None:
    monitor = callbacks.RemoteMonitor(
        server.root, path="/here", headers={"X-Key": "k"}, send_as_json=True
    )
    monitor.on_epoch_end(4, LOGS)
    ((path, kind, headers, text),) = server.seen
    assert (path, kind, headers["X-Key"]) == ("/here", "application/json", "k")
    assert json.loads(text) == SENT


def test_another_field_and_no_logs(server: Server) -> None:
    server.answer = 500  # the server's affair
    callbacks.RemoteMonitor(server.root, field="metrics").on_epoch_end(0)
    assert urllib.parse.parse_qs(server.seen[0][3]) == {"metrics": ['{"epoch": 0}']}


def test_a_server_that_is_not_there() -> None:
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor root server"):
        callbacks.RemoteMonitor("http://127.0.0.1:9").on_epoch_end(0)


def test_orbax_is_out_of_the_field() -> None:
    with pytest.raises(UnsupportedError, match="use ModelCheckpoint"):
        callbacks.OrbaxCheckpoint("folder")
