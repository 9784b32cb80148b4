"""Runs a script as Python does, with Pronghorn under Keras's and TensorFlow's names."""

from __future__ import annotations

import builtins
import math
import os
import runpy
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from types import ModuleType

from pronghorn.accel import install
from pronghorn.accel.journal import JOURNAL, seconds_of_process
from pronghorn.accel.refusal import on_real_keras
from pronghorn.accel.report import report
from pronghorn.errors import UnsupportedError

__all__ = ["main"]

USAGE = """\
usage: python -m pronghorn.accel [--report [--baseline SECONDS]] script.py [ARGUMENTS]
       python -m pronghorn.accel [--report [--baseline SECONDS]] -m MODULE [ARGUMENTS]

Runs a Keras script unchanged: keras and tensorflow are Pronghorn.

  --report              print at the end what ran here, and its seconds
  --baseline SECONDS    what the same script took elsewhere, as you measured it; the
                        report compares
"""
_FAILED, _MISUSED = 1, 2


@dataclass
class _Wanted:
    """What the command line asks for."""

    module: bool = False
    report: bool = False
    baseline: float | None = None
    target: str = ""
    arguments: Sequence[str] = ()


class _Misuse(Exception):
    """The command line asks for nothing that can be run."""


def main(words: Sequence[str]) -> int:
    """Runs what the words ask for.

    Args:
        words: of the command line, without the program's name.

    Returns:
        The exit code: 0, 1 where the script raised, 2 where the words are wrong. What
        the script itself gives to `sys.exit` goes on as it is.
    """
    if words and words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    try:
        wanted = _parsed(words)
    except _Misuse as misuse:
        print(f"{USAGE}\npronghorn.accel: {misuse}", file=sys.stderr)
        return _MISUSED
    install()
    JOURNAL.open(written=wanted.report)
    started = seconds_of_process()
    begun = time.perf_counter()
    try:
        return _run(wanted)
    finally:
        if wanted.report:
            whole = seconds_of_process() or time.perf_counter() - begun
            text = report(JOURNAL.runs, started, whole, wanted.baseline)
            sys.stdout.flush()
            print(text, file=sys.stderr)


def _parsed(words: Sequence[str]) -> _Wanted:
    wanted = _Wanted()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--report":
            wanted.report = True
        elif word == "--baseline" or word.startswith("--baseline="):
            _, equals, value = word.partition("=")
            wanted.baseline = _seconds(value if equals else rest.pop(0) if rest else "")
            wanted.report = True
        elif word.startswith("-") and word != "-m":
            raise _Misuse(f"there is no option {word}")
        else:
            wanted.module = word == "-m"
            if wanted.module and not rest:
                raise _Misuse("-m needs the name of a module")
            wanted.target = rest.pop(0) if wanted.module else word
            wanted.arguments = rest
            return wanted
    raise _Misuse("a script is missing")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise _Misuse(f"--baseline takes seconds, not {text!r}")
    return value


def _run(wanted: _Wanted) -> int:
    if wanted.module:
        sys.argv[:] = [wanted.target, *wanted.arguments]
        runpy.run_module(wanted.target, run_name="__main__", alter_sys=True)
        return 0
    path = wanted.target
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(
            f"pronghorn.accel: can't open {path!r}: {error.strerror}", file=sys.stderr
        )
        return _MISUSED
    sys.argv[:] = [path, *wanted.arguments]
    if not sys.flags.safe_path:  # else Python put nothing there to be replaced
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    return _execute(source, os.path.abspath(path))


def _execute(source: bytes, path: str) -> int:
    """Runs a script's text as the module `__main__`; tells of what it raises."""
    module = ModuleType("__main__")
    module.__dict__.update(
        __annotations__={},
        __builtins__=builtins,
        __cached__=None,
        __file__=path,
        __loader__=SourceFileLoader("__main__", path),
        __spec__=None,
    )
    sys.modules["__main__"] = module
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        if isinstance(error, UnsupportedError):
            way = on_real_keras()
            if way and way not in str(error):
                error.add_note(f"  {way}")
        here = error.__traceback__
        of_script = here.tb_next if here is not None else None
        sys.excepthook(type(error), error.with_traceback(of_script), of_script)
        return _FAILED
    return 0
