"""`pronghorn learn`: opens the course, shows progress, starts over, exports."""

from __future__ import annotations

import signal
import sys
import webbrowser
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pronghorn.learn.course import (
    INDEX,
    LESSONS,
    Server,
    asked,
    export_jupyter,
    lesson,
    prepare,
    reset,
)
from pronghorn.learn.progress import Progress, Standing

__all__ = ["export_course", "open_course", "show_progress", "start_over"]


def open_course(
    out: Console, folder: Path, number: int | None, *, port: int, browser: bool
) -> None:
    """Serves the course until Ctrl-C, and opens it in the browser."""
    notebook = INDEX if number is None else lesson(number).tutorial
    prepare(folder)
    # What ends this process ends the server and its kernels, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = Server(folder, port)
    try:
        address = server.address(notebook)
        out.print("The course is open at", soft_wrap=True)
        out.print(f"  [link={address}]{escape(address)}[/link]", soft_wrap=True)
        out.print(f"Notebooks and progress are kept in {escape(str(folder))}")
        out.print("Ctrl-C ends it; what you wrote stays.")
        if browser and not webbrowser.open(address):
            out.print("No browser could be started: open the address above.")
        server.wait()
    except KeyboardInterrupt:
        out.print("The course is closed.")
    finally:
        server.stop()


def show_progress(out: Console, folder: Path) -> None:
    """A table of the lessons, with what was solved of each."""
    standings = Progress(folder / "progress.jsonl").standings()
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("", justify="right")
    table.add_column("lesson")
    table.add_column("solved", justify="right")
    table.add_column("questions")
    for each in LESSONS:
        names = asked(each.number)
        stands = [standings.get(name, Standing()) for name in names]
        solved = sum(one.correct for one in stands)
        marks = " ".join(_mark(one) for one in stands)
        table.add_row(str(each.number), each.title, f"{solved}/{len(names)}", marks)
    out.print(table)
    out.print(
        "[green]✔[/green] solved, [cyan]✔[/cyan] with the solution read first, "
        "[red]✘[/red] tried, · open"
    )


def start_over(out: Console, folder: Path) -> None:
    """Forgets the progress and puts the notebooks back."""
    for kept in reset(folder):
        out.print(f"Your notebook is kept as {escape(str(kept))}")
    out.print(
        f"The course in {escape(str(folder))} is as it came; no progress is kept."
    )


def export_course(out: Console, to: Path) -> None:
    """Writes all notebooks for Jupyter."""
    for path in export_jupyter(to):
        out.print(f"wrote {escape(str(path))}")
    out.print("Open them with: jupyter lab " + escape(str(to)))


def _mark(standing: Standing) -> str:
    if standing.correct:
        return "[cyan]✔[/cyan]" if standing.shown else "[green]✔[/green]"
    return "[red]✘[/red]" if standing.tries else "·"
