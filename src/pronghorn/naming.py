"""Names: automatic ones (`dense`, `dense_1`, ... as in Keras), and scopes of them."""

from __future__ import annotations

import re
import threading
from typing import Any

from pronghorn.errors import ArgumentError

__all__ = [
    "auto_name",
    "check_name",
    "current_path",
    "name_scope",
    "reset_names",
    "snake_case",
]

_lock = threading.Lock()
_used: dict[str, int] = {}


def snake_case(name: str) -> str:
    """A class name as Keras spells it in lower case.

    >>> [snake_case(n) for n in ("MeanSquaredError", "AUC", "R2Score", "LeCunNormal")]
    ['mean_squared_error', 'auc', 'r2_score', 'le_cun_normal']
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """The next free name for an object of a class: no number for the first.

    Args:
        prefix: a class name, or a name in snake case.

    Example:

    >>> auto_name("AnExample"), auto_name("AnExample")
    ('an_example', 'an_example_1')
    """
    name = snake_case(prefix)
    with _lock:
        count = _used.get(name, 0)
        _used[name] = count + 1
    return f"{name}_{count}" if count else name


def reset_names() -> None:
    """Start counting again, as `clear_session` does."""
    with _lock:
        _used.clear()


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[name_scope] = []


_scopes = _Scopes()


class name_scope:
    """Variables that are made inside have its name in front of theirs in their path.

    Layers, metrics and optimizers give their variables paths of their own.

    Args:
        name: text without a slash.
        **kwargs: `caller`, who opens it: the same one with the same name twice in a row
            opens it once, unless `deduplicate` is False; `override_parent`, a path that
            takes the place of the scopes around this one.

    Raises:
        ArgumentError: the name is no text, or holds a "/"; another keyword.

    Example:

    >>> with name_scope("outer"), name_scope("inner"):
    ...     current_path()
    'outer/inner'
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        check_name(name, "name_scope")
        self.name = name
        self.caller = kwargs.pop("caller", None)
        self.deduplicate = bool(kwargs.pop("deduplicate", True))
        self.override_parent: str | None = kwargs.pop("override_parent", None)
        if kwargs:
            raise ArgumentError(
                "A name scope does not take these arguments.",
                where=f"name_scope {name!r}",
                expected="caller, deduplicate and override_parent",
                received=", ".join(sorted(kwargs)),
            )
        self._pop_on_exit = False

    def __enter__(self) -> name_scope:
        around = _scopes.stack[-1] if _scopes.stack else None
        again = (
            self.deduplicate
            and around is not None
            and self.caller is not None
            and (around.caller, around.name) == (self.caller, self.name)
        )
        if not again:
            _scopes.stack.append(self)
            self._pop_on_exit = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._pop_on_exit and _scopes.stack:
            _scopes.stack.pop()


def current_path() -> str:
    """The names of the scopes that this code runs in, with slashes between them.

    >>> current_path()
    ''
    """
    parts: list[str] = []
    for scope in _scopes.stack:
        if scope.override_parent is not None:
            parts = [part for part in scope.override_parent.split("/") if part]
        parts.append(scope.name)
    return "/".join(parts)


def check_name(name: object, where: str) -> None:
    """Refuses what is no name: other things than text, and text with a slash.

    Raises:
        ArgumentError: naming what came.
    """
    if not isinstance(name, str) or "/" in name:
        raise ArgumentError(
            "A name must be a string and cannot contain character `/`.",
            where=where,
            expected="text without a slash, which parts the names in a path",
            received=repr(name),
        )
