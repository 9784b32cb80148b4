"""Keras scripts, unchanged: `keras` and `tensorflow` are Pronghorn in this process.

    python -m pronghorn.accel script.py     in place of python script.py
    %load_ext pronghorn.accel               in the first cell of a notebook
    pronghorn.accel.install()               before the first import of keras

No real Keras or TensorFlow is loaded. What a script may name and Pronghorn does not
have raises one error where it is used.
"""

from __future__ import annotations

from typing import Any

from pronghorn.accel import eager, finder
from pronghorn.accel.journal import JOURNAL
from pronghorn.ir.tracer import array_hooks
from pronghorn.settings import go_on_with_bad_data

__all__ = [
    "install",
    "load_ipython_extension",
    "uninstall",
    "unload_ipython_extension",
]


def install() -> None:
    """From here on, `keras` and `tensorflow` are Pronghorn, for this process.

    Results of operations then have `.numpy()`, and bad data (NaN, labels outside of a
    loss's domain, a loss that is no longer finite) warns once and goes on, as in Keras.

    Raises:
        StateError: a real Keras or TensorFlow is loaded already.

    Example:

    >>> install()
    >>> from tensorflow import keras
    >>> keras.Sequential
    <class 'pronghorn.models.sequential.Sequential'>
    >>> uninstall()
    """
    finder.put_in_place()
    go_on_with_bad_data(True)
    array_hooks.follow, array_hooks.apply = eager.follow, eager.apply
    array_hooks.show = eager.shown
    JOURNAL.open()


def uninstall() -> None:
    """Everything as it was: the names are free, and bad data raises."""
    JOURNAL.close()
    array_hooks.follow = array_hooks.apply = array_hooks.show = None
    go_on_with_bad_data(False)
    finder.take_away()


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext pronghorn.accel`: see `install`."""
    install()


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext pronghorn.accel`: see `uninstall`."""
    uninstall()
