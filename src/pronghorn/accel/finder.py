"""Puts Pronghorn under Keras's and TensorFlow's names, for this process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from pronghorn.accel.views import view
from pronghorn.errors import StateError

__all__ = ["NAMES", "put_in_place", "take_away"]

NAMES = ("keras", "tensorflow")


class _Views(MetaPathFinder, Loader):
    """Finds and makes the views; nothing of theirs is on disk."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The module's spec, where it is one of ours."""
        if fullname.partition(".")[0] not in NAMES or view(fullname) is None:
            return None
        return ModuleSpec(fullname, self, origin="pronghorn", is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The view."""
        return view(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: views look names up."""


_views = _Views()


def put_in_place() -> None:
    """From here on `import keras` and `import tensorflow` give Pronghorn.

    Raises:
        StateError: a real one is loaded already.
    """
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if name in NAMES and getattr(spec, "loader", None) is not _views:
            raise StateError(
                f"A real {name} is loaded already.",
                where="pronghorn.accel.install()",
                expected=f"install() before the first import of {name}",
                received=f"{name} from {getattr(module, '__file__', 'elsewhere')}",
                remedy="start anew, with `%load_ext pronghorn.accel` or `import "
                "pronghorn.accel; pronghorn.accel.install()` as the first line",
            )
    if _views not in sys.meta_path:
        sys.meta_path.insert(0, _views)


def take_away() -> None:
    """The names are free again."""
    if _views in sys.meta_path:
        sys.meta_path.remove(_views)
    for name in [n for n in sys.modules if n.partition(".")[0] in NAMES]:
        spec = getattr(sys.modules[name], "__spec__", None)
        if getattr(spec, "loader", None) is _views:
            del sys.modules[name]
