"""Writes down every connection to another machine, of this process and its children."""

import os
import socket
import sys

LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def watch(event, arguments):
    """An audit hook: sockets that connect, names that are looked up."""
    if event == "socket.connect":
        address = arguments[1]
        if not isinstance(address, tuple) or str(address[0]).startswith(LOCAL):
            return
    elif event == "socket.getaddrinfo":
        address = arguments[:2]
        if address[0] is None or str(address[0]).startswith(LOCAL):
            return
    else:
        return
    with open(os.environ["PRONGHORN_GUARD"], "a", encoding="utf-8") as file:
        file.write(f"{event} {address!r}\n")


if os.environ.get("PRONGHORN_GUARD") and socket:
    sys.addaudithook(watch)
