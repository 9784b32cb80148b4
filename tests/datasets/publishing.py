"""A server on this machine in place of the homes of the tables."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Publisher:
    """Files by their path after the address.

    Attributes:
        address: ends with a slash.
        files: path: bytes.
        cut: paths that are sent by half, though their whole length is announced.
        asked: the paths that were asked for, in order.
    """

    def __init__(self) -> None:
        self.address = ""
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.asked: list[str] = []


@contextmanager
def publishing() -> Iterator[Publisher]:
    """A publisher whose server runs within the scope."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            publisher.asked.append(path)
            content = publisher.files.get(path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = len(content) // 2 if path in publisher.cut else len(content)
            self.wfile.write(content[:half])

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    publisher.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
