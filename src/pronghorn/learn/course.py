"""The course: its lessons, its folder of notebooks, its server and its export.

The notebooks are copied into the learner's own folder, where they are edited and kept.
A copy that was not edited follows the package when that is updated; an edited one is
left alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from pronghorn.errors import ArgumentError, MissingDependencyError, StateError
from pronghorn.learn.home import course_folder
from pronghorn.learn.progress import Progress

__all__ = [
    "INDEX",
    "LESSONS",
    "Lesson",
    "Server",
    "asked",
    "export_jupyter",
    "lesson",
    "notebooks",
    "prepare",
    "reset",
]

INDEX = "index.py"
_SHIPPED = Path(__file__).parent / "notebooks"
_RECORD = ".shipped.json"  # what each notebook was when it was copied
_WAIT = 60.0  # seconds for the server to start

# What marimo reads in the folder: cells run when a notebook is opened, the page follows
# the system's light or dark, and nothing is looked for outside of this machine.
_MARIMO = """\
# Settings of the course's notebooks, read by marimo.
[tool.marimo.runtime]
auto_instantiate = true
on_cell_change = "autorun"

[tool.marimo.display]
theme = "system"
cell_output = "below"
custom_css = ["course.css"]

[tool.marimo.completion]
copilot = false
activate_on_typing = true

[tool.marimo.save]
autosave = "after_delay"
"""

# A figure is seen whole: marimo would cut it and let it be scrolled.
_STYLE = """\
.output-area {
  max-height: none !important;
}
"""


@dataclass(frozen=True)
class Lesson:
    """One lesson: a tutorial and an exercise.

    Attributes:
        number: from 1.
        title: a few words.
        about: one sentence.
    """

    number: int
    title: str
    about: str

    @property
    def tutorial(self) -> str:
        """Name of the tutorial's file."""
        return f"lesson_{self.number}.py"

    @property
    def exercise(self) -> str:
        """Name of the exercise's file."""
        return f"exercise_{self.number}.py"


LESSONS = (
    Lesson(
        1,
        "A single neuron",
        "The linear unit: a line, a plane, and how training finds them.",
    ),
    Lesson(
        2,
        "Deep networks",
        "Layers and activations, and why without activations a stack is a line.",
    ),
    Lesson(
        3,
        "Stochastic gradient descent",
        "Losses, batches, epochs and learning rates; the path over the loss.",
    ),
    Lesson(
        4,
        "Overfitting and underfitting",
        "Capacity, learning curves, early stopping, and what holds a net back.",
    ),
    Lesson(
        5,
        "Dropout and batch normalization",
        "Two layers that help training, what they compute, and how much they gain.",
    ),
    Lesson(
        6,
        "Binary classification",
        "Probabilities, cross-entropy, thresholds, and classes of unequal size.",
    ),
    Lesson(
        7,
        "Many classes",
        "Softmax, and handwritten digits.",
    ),
    Lesson(
        8,
        "From a notebook to a product",
        "A mixed table end to end: schema, training, saving, predicting raw rows.",
    ),
)


def notebooks() -> list[str]:
    """Names of the notebooks that the package has: index, tutorials, exercises.

    >>> notebooks()[:3]
    ['index.py', 'lesson_1.py', 'exercise_1.py']
    """
    names = [INDEX]
    for lesson in LESSONS:
        names += [lesson.tutorial, lesson.exercise]
    return [name for name in names if (_SHIPPED / name).exists()]


def asked(number: int) -> list[str]:
    """Names of a lesson's questions as progress has them.

    >>> asked(1)[:2]
    ['1.0', '1.1']
    """
    module = import_module(f"pronghorn.learn.questions.lesson_{number}")
    return [getattr(module, name).name for name in module.__all__]


def prepare(folder: Path | None = None) -> Path:
    """Puts the notebooks into the learner's folder, and leaves edited ones alone.

    Args:
        folder: made if need be; `course_folder()` by default.

    Returns:
        The folder.

    Raises:
        StateError: if it cannot be written to.
    """
    folder = folder or course_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("pyproject.toml", _MARIMO), ("course.css", _STYLE)):
            if not (folder / name).exists():
                (folder / name).write_text(text, encoding="utf-8")
        record = _read_record(folder)
        for name in notebooks():
            shipped = (_SHIPPED / name).read_bytes()
            copy = folder / name
            if copy.exists() and _digest(copy.read_bytes()) != record.get(name):
                continue  # the learner's own by now
            copy.write_bytes(shipped)
            record[name] = _digest(shipped)
        text = json.dumps(record, indent=1) + "\n"
        (folder / _RECORD).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StateError(
            "The course's folder cannot be written to",
            where=str(folder),
            received=str(error),
            remedy="name another: pronghorn learn --folder DIR, or PRONGHORN_HOME",
        ) from error
    return folder


def reset(folder: Path | None = None) -> list[Path]:
    """Forgets the progress, and puts the notebooks back as they came.

    Returns:
        The edited notebooks, which were kept under another name: `NAME.1.bak`.
    """
    folder = folder or course_folder()
    Progress(folder / "progress.jsonl").reset()
    record = _read_record(folder)
    kept = []
    for name in notebooks():
        copy = folder / name
        if copy.exists():
            if _digest(copy.read_bytes()) != record.get(name):
                kept.append(_put_aside(copy))
            else:
                copy.unlink()
    prepare(folder)
    return kept


def _put_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.{number}.bak")).exists():
        number += 1
    return path.rename(aside)


def _read_record(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def require_marimo() -> None:
    """Raises where the extra is not installed.

    Raises:
        MissingDependencyError: with the line that installs it.
    """
    for package in ("marimo", "anywidget"):
        if find_spec(package) is None:
            raise MissingDependencyError(
                f"The course needs {package}, which is not installed",
                remedy="pip install 'pronghorn[learn]'",
            )


class Server:
    """marimo's editor over the course's folder, on this machine only.

    Args:
        folder: of the notebooks.
        port: to listen at; 0 is any free one.

    Raises:
        MissingDependencyError: if marimo is not installed.
        StateError: if it does not start; the message has what it printed.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        require_marimo()
        self.folder = folder
        self.port = port or _free_port()
        self._token = secrets.token_urlsafe(16)
        command = [sys.executable, "-m", "marimo", "edit", str(folder)]
        command += ["--headless", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--token-password-file", "-"]  # not where `ps` shows it
        command += ["--skip-update-check", "--no-sandbox"]
        environment = {**os.environ, "MARIMO_SKIP_UPDATE_CHECK": "1"}
        self._log = (folder / "server.log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended: what it printed tells why
            self._process.stdin.write(self._token.encode())
            self._process.stdin.close()
        try:
            self._wait_until_it_answers()
        except BaseException:  # Ctrl-C too: nothing is left running
            self.stop()
            raise

    def address(self, notebook: str = INDEX) -> str:
        """The address of a notebook, with the word that lets its holder in."""
        return (
            f"http://127.0.0.1:{self.port}/?file={notebook}&access_token={self._token}"
        )

    def wait(self) -> int:
        """Waits until the server ends."""
        return self._process.wait()

    def stop(self) -> None:
        """Ends the server and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + _WAIT
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                health = f"http://127.0.0.1:{self.port}/health"
                with urllib.request.urlopen(health, timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        self._log.seek(0)
        printed = self._log.read().strip()
        raise StateError(
            f"marimo did not start at port {self.port}",
            received=_trouble(printed),
            remedy="try another port: pronghorn learn --port 2719",
        )


def _trouble(printed: str) -> str:
    """The line that tells what went wrong; the last one where none says so.

    >>> _trouble("Welcome\\n\\nERROR: the address is in use\\n\\n Goodbye")
    'ERROR: the address is in use'
    """
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    told = [line for line in lines if "error" in line.lower()]
    return (told or lines or ["nothing was printed"])[-1]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def export_jupyter(to: Path) -> Iterator[Path]:
    """Writes every notebook as a Jupyter one, `NAME.ipynb`; gives their paths.

    The figures live there too: they are anywidget's.

    Args:
        to: the folder; made if need be.

    Raises:
        MissingDependencyError: if marimo or nbformat is not installed.
        StateError: if a notebook cannot be exported.
    """
    require_marimo()
    if find_spec("nbformat") is None:
        raise MissingDependencyError(
            "Writing Jupyter's notebooks needs nbformat, which is not installed",
            remedy="pip install 'pronghorn[learn]'",
        )
    to.mkdir(parents=True, exist_ok=True)
    for name in notebooks():
        path = to / name.replace(".py", ".ipynb")
        command = [sys.executable, "-m", "marimo", "-q", "-y", "export", "ipynb"]
        command += [str(_SHIPPED / name), "-o", str(path), "--sort", "top-down", "-f"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise StateError(
                f"{name} could not be exported",
                received=said[-1] if said else f"exit code {done.returncode}",
            )
        _go_on(path)
        yield path


def _go_on(path: Path) -> None:
    """Lets "run all cells" go on past cells that wait for an answer.

    `mo.stop` is an error to Jupyter; cells with this tag may raise.
    """
    nbformat = import_module("nbformat")
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code" and "mo.stop(" in cell.source:
            tags = cell.metadata.setdefault("tags", [])
            tags += ["raises-exception"]
    nbformat.write(book, path)


def lesson(number: int) -> Lesson:
    """The lesson of a number.

    Raises:
        ArgumentError: if there is none.
    """
    for each in LESSONS:
        if each.number == number:
            return each
    raise ArgumentError(
        f"There is no lesson {number}",
        expected=f"a number from 1 to {len(LESSONS)}",
        received=str(number),
    )
