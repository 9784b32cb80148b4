"""The history as messages to a server."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn.callbacks.callback import Callback, Logs

__all__ = ["RemoteMonitor"]

_SECONDS = 30.0  # to wait for an answer


class RemoteMonitor(Callback):
    """Posts every epoch's metrics to a server, over HTTP.

    A server that cannot be reached gives a warning; training goes on.

    Args:
        root: the server. Default "http://localhost:9000".
        path: below the server's root. Default "/publish/epoch/end/".
        field: of the form that holds the metrics as JSON. Default "data".
        headers: more headers of HTTP. Default none.
        send_as_json: send JSON itself instead of a form. Default False.

    Example:

    >>> monitor = RemoteMonitor("http://localhost:1")
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     monitor.on_epoch_end(0, {"loss": 0.5})
    >>> str(caught[0].message)
    'Could not reach RemoteMonitor root server at http://localhost:1'
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        text = json.dumps({"epoch": epoch} | {k: _plain(v) for k, v in _items(logs)})
        if self.send_as_json:
            kind, body = "application/json", text
        else:
            kind = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode({self.field: text})
        headers = {"Content-Type": kind, **(self.headers or {})}
        request = urllib.request.Request(
            self.root + self.path, body.encode(), headers, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS):
                pass
        except urllib.error.HTTPError:
            pass  # it was reached; what it answers is its own affair, as in Keras
        except OSError:
            warnings.warn(
                f"Could not reach RemoteMonitor root server at {self.root}",
                stacklevel=2,
            )


def _items(logs: Logs | None) -> Any:
    return (logs or {}).items()


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray | np.generic) else value
