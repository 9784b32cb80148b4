"""Where the course keeps what is the learner's: notebooks and progress.

`PRONGHORN_HOME` names the folder; without it, it is `.pronghorn` in the user's own. The
course is in `learn` there. `use_folder` sets another one for this process and for those
that it starts: the notebooks' kernels.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

__all__ = ["course_folder", "scratch_folder", "use_folder"]

_VARIABLE = "PRONGHORN_COURSE"


def course_folder() -> Path:
    """The folder of the course; it need not exist yet.

    >>> course_folder().is_absolute()
    True
    """
    named = os.environ.get(_VARIABLE)
    if named:
        return Path(named).absolute()
    home = os.environ.get("PRONGHORN_HOME")
    return (Path(home) if home else Path.home() / ".pronghorn").absolute() / "learn"


def use_folder(folder: str | os.PathLike[str]) -> Path:
    """Makes `folder` the course's, here and in processes started from here."""
    path = Path(folder).absolute()
    os.environ[_VARIABLE] = str(path)
    return path


def scratch_folder() -> Path:
    """A new folder, which is deleted when the program, a notebook's kernel, ends."""
    folder = Path(tempfile.mkdtemp(prefix="pronghorn-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
