"""Runs all of Keras's test files, each in a process of its own, some at a time.

    python -m tests.keras_suite [PATTERN ...] [--jobs 2] [--write]

A pattern (`layers/core/*`) runs some files. `--write` writes docs/keras-suite.md. Fails
where an exclusion fits nothing, or where the share that passes is below floor.txt.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from multiprocessing.connection import Connection, wait

from tests.keras_suite import report
from tests.keras_suite.files import Exclusions, Sources
from tests.keras_suite.judge import Outcome

SECONDS = 600  # a file that takes longer is ended
FORK = multiprocessing.get_context("fork")


def _child(file: str, exclusions: Exclusions, sender: Connection) -> None:
    """Run a file in this process, quietly, in a folder of its own."""
    from tests.keras_suite import judge

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for outcome in judge.run(file, exclusions):
            sender.send(outcome)
        os.chdir("/")
    sender.send([row.used for row in exclusions.rows])
    sender.close()


class _Run:
    """One file that is running."""

    def __init__(self, file: str, exclusions: Exclusions) -> None:
        self.file, self.begun = file, time.monotonic()
        self.receiver, sender = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=_child, args=(file, exclusions, sender))
        self.process.start()
        sender.close()

    def next(self) -> Outcome | list[bool] | None:
        """What it says next; None at its end."""
        try:
            return self.receiver.recv()  # type: ignore[no-any-return]
        except EOFError:
            return None

    def end(self) -> str:
        """Wait for it; how it ended, where it ended early."""
        self.process.join()
        code = self.process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"exit status {code}"


def outcomes(files: list[str], exclusions: Exclusions, jobs: int) -> Iterator[Outcome]:
    """Run files; the outcomes come as they are there."""
    waiting = list(reversed(files))
    running: list[_Run] = []
    finished: set[str] = set()
    while waiting or running:
        while waiting and len(running) < jobs:
            running.append(_Run(waiting.pop(), exclusions))
        ready = wait([run.receiver for run in running], timeout=1)
        for run in list(running):
            if run.receiver in ready:
                said = run.next()
                if isinstance(said, Outcome):
                    yield said
                elif said is not None:
                    finished.add(run.file)
                    for row, used in zip(exclusions.rows, said):
                        row.used = row.used or used
                else:
                    how = run.end()
                    running.remove(run)
                    if run.file not in finished:
                        yield Outcome(f"{run.file}::*::*", "failed", f"ended by {how}")
            elif time.monotonic() - run.begun > SECONDS:
                run.process.kill()


def warm_up(sources: Sources) -> None:
    """Import once what each child needs; no thread is started by it."""
    from tests.keras_suite import alias

    alias.install(sources.keras, sources.absl)
    import pronghorn

    for name in pronghorn.__all__:
        getattr(pronghorn, name)
    from tests.keras_suite import case

    assert case.TestCase


def main(
    arguments: list[str] | None = None,
    sources: Sources | None = None,
    exclusions: Exclusions | None = None,
) -> int:
    """Run, report, and compare with the floor; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description="Run Keras's tests on Pronghorn.")
    parser.add_argument("patterns", nargs="*", help="files, relative to keras/src")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--write", action="store_true", help="write the report")
    parser.add_argument("--verbose", action="store_true", help="show what failed")
    options = parser.parse_args(arguments)

    begun = time.monotonic()
    sources = sources or Sources.of()
    exclusions = exclusions or Exclusions.read()
    suite = report.Suite()
    judged = []
    for file in sorted(sources.tests(), key=sources.size, reverse=True):
        if options.patterns and not any(fnmatchcase(file, p) for p in options.patterns):
            continue
        reason = exclusions.reason(file)
        if reason is None:
            judged.append(file)
        else:
            suite.leave_out(file, reason, sources.functions(file))
    warm_up(sources)
    for outcome in outcomes(judged, exclusions, options.jobs):
        suite.add(outcome)
        if options.verbose and outcome.result == "failed":
            print(f"{outcome.name}: {outcome.detail}", flush=True)
    wrong = [] if options.patterns else suite.wrong(exclusions.unused())
    if options.write and not options.patterns:
        report.PAGE.write_text(suite.page(), encoding="utf-8")
    print(f"{suite.line()}, in {time.monotonic() - begun:.0f} s")
    print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong))


def environment(command: list[str]) -> None:
    """Start again where hashes of text would differ from run to run."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ.update(PYTHONHASHSEED="0", PRONGHORN_NUM_THREADS="1")
        os.execv(sys.executable, [sys.executable, "-m", *command])
