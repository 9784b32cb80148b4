"""A folder for one process at a time."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows: nothing guards the folder there
    fcntl = None

__all__ = ["FolderLock"]

NAME = "lock"


class FolderLock:
    """Holds a folder until it is released, or the process ends in whatever way.

    Args:
        folder: it exists.

    Attributes:
        held: whether it is; another process may hold it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT)
        self.held = True
        if fcntl is not None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self.held = False
                os.close(self._file)

    def release(self) -> None:
        """Lets others have it."""
        if self.held:
            self.held = False
            os.close(self._file)
