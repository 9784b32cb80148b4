"""A server on this machine that has the archives, in place of the public ones."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pronghorn.datasets import archives, table
from tests.datasets.archives import write_all
from tests.datasets.publishing import Publisher, publishing


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and writes down what is asked for."""

    asked: list[str] = []  # noqa: RUF012

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the path."""
        self.asked.append(self.path.lstrip("/"))


class Server:
    """A folder behind an address.

    Attributes:
        folder, address: see above.
        asked: the names that were asked for.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.asked = _Handler.asked


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The archives behind an address of this machine."""
    folder = tmp_path_factory.mktemp("served")
    write_all(folder)
    handler = functools.partial(_Handler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Server(folder, f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server(served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same; the data sets are loaded from it, into a cache of the test's own."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    for name in archives.ARCHIVES:
        found = hashlib.sha256((served.folder / name).read_bytes()).hexdigest()
        monkeypatch.setitem(archives.ARCHIVES, name, (served.address, found))
    served.asked.clear()
    return served


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """The homes of the tables on this machine; no folder of data, an empty cache."""
    monkeypatch.delenv("PRONGHORN_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    with publishing() as found:
        monkeypatch.setattr(table, "ADDRESS", found.address)
        yield found
