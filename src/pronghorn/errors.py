"""Every exception that Pronghorn raises on purpose.

    PronghornError
    ├── ShapeError            also a ValueError    a shape does not fit
    ├── DtypeError            also a TypeError     a dtype does not fit
    ├── DataError             also a ValueError    what the data holds does not fit
    ├── ArgumentError         also a ValueError    an argument's value does not fit
    ├── UnknownNameError      also a ValueError    no such optimizer, loss, layer, ...
    ├── UnknownKeyError       also a KeyError      no such part of a structure
    ├── FileFormatError       also a ValueError    a file cannot be read
    │   └── ConfigTypeError   also a TypeError     a config holds something else
    ├── ReservedNameError     also an AttributeError  set what the model keeps itself
    ├── UnsupportedError      also a NotImplementedError    outside what we do
    ├── TraceError            also a TypeError     Python asked a symbol for its value
    ├── StateError            also a ValueError and a RuntimeError  called too early
    │                         (compile, build)
    │   └── UnbuiltError      also an AttributeError  no shape is known yet
    ├── DivergedError         also an ArithmeticError and a RuntimeError  the loss
    │                         is no longer finite
    ├── DownloadError         also an OSError      a file could not be fetched
    ├── GraphError            also a AssertionError  a graph is not well-formed: our bug
    └── MissingDependencyError  also an ImportError  an extra is not installed

A message has up to four parts besides its first line: where it happened, what was
expected, what came, and what to do next.
"""

from __future__ import annotations

import difflib

__all__ = [
    "ArgumentError",
    "ConfigTypeError",
    "DataError",
    "DivergedError",
    "DownloadError",
    "DtypeError",
    "FileFormatError",
    "GraphError",
    "MissingDependencyError",
    "PronghornError",
    "ReservedNameError",
    "ShapeError",
    "StateError",
    "TraceError",
    "UnbuiltError",
    "UnknownKeyError",
    "UnknownNameError",
    "UnsupportedError",
    "closest",
]


class PronghornError(Exception):
    """The root of all of them.

    Args:
        message: one line that says what went wrong.
        where: the layer, column, argument or rows concerned.
        expected: what would have been right.
        received: what came instead.
        remedy: what to do next.

    Example:

    >>> print(PronghornError("No.", expected="3 columns", received="11 columns"))
    No.
      expected: 3 columns
      received: 11 columns
    """

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        expected: object = None,
        received: object = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.where = where
        self.expected = None if expected is None else str(expected)
        self.received = None if received is None else str(received)
        self.remedy = remedy
        super().__init__(self._text())

    def at(self, where: str) -> PronghornError:
        """The same error, with the place named unless it was."""
        if self.where is None:
            self.where = where
            self.args = (self._text(),)
        return self

    def within(self, whole: str) -> PronghornError:
        """The same error, with what the named place is a part of.

        >>> print(PronghornError("No.", where="row 3").within("batch 2"))
        No.
          where: batch 2: row 3
        """
        self.where = whole if self.where is None else f"{whole}: {self.where}"
        self.args = (self._text(),)
        return self

    def _text(self) -> str:
        parts = (
            ("where", self.where),
            ("expected", self.expected),
            ("received", self.received),
            ("what to do", self.remedy),
        )
        lines = [f"  {label}: {text}" for label, text in parts if text is not None]
        return "\n".join([self.message, *lines])


class ShapeError(PronghornError, ValueError):
    """A shape does not fit."""


class DtypeError(PronghornError, TypeError):
    """A dtype does not fit."""


class DataError(PronghornError, ValueError):
    """What the data holds does not fit: NaN, text, labels outside the range."""


class ArgumentError(PronghornError, ValueError):
    """An argument's value does not fit."""


class UnknownNameError(PronghornError, ValueError):
    """There is nothing of this name."""


class UnknownKeyError(PronghornError, KeyError):
    """A structure has no part of this key."""

    __str__ = Exception.__str__  # KeyError's would show the text's quotes and escapes


class FileFormatError(PronghornError, ValueError):
    """A file cannot be read, or is not what it says it is."""


class ConfigTypeError(FileFormatError, TypeError):
    """A config holds something of another type, or a class that is not known."""


class ReservedNameError(PronghornError, AttributeError):
    """An attribute was set that an object keeps by itself."""


class UnsupportedError(PronghornError, NotImplementedError):
    """Outside of what Pronghorn does; the message names what to use instead."""


class TraceError(PronghornError, TypeError):
    """Python asked a symbolic tensor for a value that it does not have yet."""


class StateError(PronghornError, ValueError, RuntimeError):
    """Something was called before what it needs (compile, build)."""


class UnbuiltError(StateError, AttributeError):
    """An attribute needs a shape that is not known yet; `hasattr` says False."""


class DivergedError(PronghornError, ArithmeticError, RuntimeError):
    """Training produced a loss that is not finite."""


class DownloadError(PronghornError, OSError):
    """A file could not be fetched."""


class GraphError(PronghornError, AssertionError):
    """A graph is not well-formed. This is a bug in a transform, not in user code."""


class MissingDependencyError(PronghornError, ImportError):
    """An optional dependency is not installed; the message has the pip line."""


def closest(name: str, names: object, count: int = 3) -> str:
    """The names most like `name`, for an error's remedy.

    >>> closest("adm", ["adam", "sgd"])
    'did you mean adam?'
    >>> closest("age", ["Age", "Fare"])
    'did you mean Age?'
    >>> closest("xyz", ["adam", "sgd"])
    'known: adam, sgd'
    """
    known = sorted(str(n) for n in names)  # type: ignore[attr-defined]
    folded = {k.lower(): k for k in known}
    near = difflib.get_close_matches(str(name).lower(), list(folded), count, 0.6)
    near = [folded[n] for n in near]
    near = near or [n for n in known if n.startswith(str(name).lower())][:count]
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "known: " + ", ".join(known)
