"""The other end of `measure.Worker`: requests in, answers out, a JSON line each.

Libraries write to standard output too, so answers go through a copy of it, and all else
goes to standard error.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any


def short(error: BaseException) -> str:
    """An error in a line."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {clean(lines[0])}"


def clean(line: str) -> str:
    """At most 200 characters, paths without their folders: those are the machine's.

    >>> clean("cannot open /opt/a/b.so: no such file")
    'cannot open b.so: no such file'
    """
    return re.sub(r"(?<![\w.])(?:/[\w.+-]+)+/(?=[\w.+-])", "", line)[:200]


def serve(actions: Any) -> None:
    """Answers standard input's requests with the methods of `actions`, till its end.

    A request names the method in "do", its other entries are the arguments. An error
    is an answer too.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        action = getattr(actions, request.pop("do"))
        try:
            answer = {"ok": action(**request)}
        except Exception as error:
            answer = {"error": short(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
