"""What `tune` searches: attributes of a preset, and the values they may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pronghorn.errors import ArgumentError, closest
from pronghorn.tabular.presets import Preset

__all__ = [
    "BY_MEMBER",
    "Range",
    "Space",
    "default_space",
    "label",
    "shared_part",
    "space_of",
]

BY_MEMBER = ("rate", "decay", "dropout", "smoothing", "deviation")
"""Attributes in which the nets of one program may differ; all others are shared."""

_FIXED = ("members", "folds")  # what `tune` sets itself
_PLAIN = (bool, int, float, str, type(None))  # what a study keeps as a choice


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both among them.

    Args:
        low: the smallest.
        high: the largest.
        log: whether their logarithms are drawn evenly. Default False.
        step: the distance of two numbers; None (default) is any number between, or any
            whole number where the attribute is one.

    Raises:
        ArgumentError: low above high; low of 0 or less with `log`; log with a step.

    Example:

    >>> Range(0.02, 0.3, log=True)
    Range(low=0.02, high=0.3, log=True, step=None)
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def __post_init__(self) -> None:
        fine = self.low <= self.high and (self.step is None or self.step > 0)
        if not fine or (self.log and (self.low <= 0 or self.step is not None)):
            raise ArgumentError(
                "The range does not fit.",
                where="Range",
                expected="low up to high; above 0 and without a step where log=True",
                received=repr(self),
            )

    def has(self, value: Any) -> bool:
        """Whether a number lies within."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and self.low <= value <= self.high


Values = Range | Sequence[Any]
Space = Mapping[str, Values] | Callable[[Any], Mapping[str, Any]]


def default_space(task: str, preset: Preset | None = None) -> dict[str, Values]:
    """The space that `tune` searches unless it is given another.

    RealMLP's own (Holzmueller et al., arXiv 2407.04491, its search space "default"):
    the learning rate, the deviation of the waves' frequencies, and the layers. Dropout,
    weight decay and the smoothing of labels are numbers between bounds, as in its
    later space (Erickson et al., TabArena, arXiv 2506.16791), instead of two or three
    choices. Whether numbers are cut into pieces is our own, as in the presets.

    Args:
        task: "regression" or "classification"; smoothing is for classes alone.
        preset: what is searched around; its layers and pieces are among the choices.
            Default: RealMLP's.

    Example:

    >>> sorted(default_space("regression"))
    ['decay', 'deviation', 'dropout', 'hidden', 'periodic', 'pieces', 'rate']
    """
    layers: list[Any] = [(256, 256, 256), (64, 64, 64, 64, 64), (512,)]
    pieces: list[Any] = [0, 48]
    if preset is not None:
        for choices, own in ((layers, preset.hidden), (pieces, preset.pieces)):
            if own not in choices:
                choices.insert(0, own)
    found: dict[str, Values] = {
        "hidden": layers,
        "periodic": [True, False],
        "pieces": pieces,
        "rate": Range(0.02, 0.3, log=True),
        "dropout": Range(0.0, 0.5),
        "decay": Range(0.001, 0.05, log=True),
        "deviation": Range(0.05, 0.5, log=True),
    }
    if task == "classification":
        found["smoothing"] = Range(0.005, 0.2, log=True)
    return found


def label(value: Any) -> Any:
    """How a study and the table of trials name a choice.

    >>> label((256, 128)), label(0.5), label(True)
    ('256-128', 0.5, True)
    """
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (tuple, list)):
        return "-".join(map(str, value))
    return repr(value)


@dataclass(frozen=True)
class Choices:
    """A space as a study asks it: by a function of a trial.

    Attributes:
        start: the preset that is searched around.
        space: by name a `Range` or a list of values; or a function from a trial of
            Optuna to attributes of a preset.
        task: "regression" or "classification".
        rows: how many there are to train on, which some attributes follow.
    """

    start: Preset
    space: Space
    task: str
    rows: int

    def first(self) -> dict[str, Any]:
        """The start itself as parameters of a trial, as far as the space has it."""
        if callable(self.space):
            return {}
        found = {}
        for name, values in self.space.items():
            value = getattr(self.start, name)
            if name == "rate":
                value = value[self.task == "regression"]
            if isinstance(values, Range):
                if values.has(value):
                    found[name] = value
            elif value in list(values):
                found[name] = label(value)
        return found

    def shared(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Those of a trial's parameters that one program has in common."""
        if callable(self.space):
            return {}
        return {name: params[name] for name in self.space if name not in BY_MEMBER}

    def ask(self, trial: Any) -> Preset:
        """The configuration of a trial, which draws its parameters.

        Args:
            trial: Optuna's, or anything with its `suggest_...` methods.
        """
        if callable(self.space):
            changes = dict(self.space(trial))
            _check_names(changes, "what the space's function returned")
        else:
            whole = {n: type(getattr(self.start, n)) is int for n in self.space}
            changes = {n: _drawn(trial, n, v, whole[n]) for n, v in self.space.items()}
        if "rate" in changes and not isinstance(changes["rate"], tuple):
            changes["rate"] = (changes["rate"],) * 2
        if isinstance(changes.get("hidden"), list):
            changes["hidden"] = tuple(changes["hidden"])
        chosen = replace(self.start, **changes).at(self.rows)
        _check_alike(chosen, self.task, "the space")
        return chosen


def space_of(space: Space | None, start: Preset, task: str, rows: int) -> Choices:
    """The space to search around a preset, checked.

    Args:
        space: what `tune` was given.
        start: the preset.
        task: "regression" or "classification".
        rows: how many there are to train on.

    Raises:
        ArgumentError: a name that no preset has, or that `tune` sets itself; no
            choices; a preset whose members differ.
    """
    start = start.at(rows)
    _check_alike(start, task, "tune(preset=)")
    if space is None:
        space = default_space(task, start)
    if not callable(space):
        _check_names(space, "tune(space=)")
        for name, values in space.items():
            fine = isinstance(values, Range) or (
                isinstance(values, (list, tuple)) and len(values) > 0
            )
            if not fine:
                raise ArgumentError(
                    f"What {name!r} may be is neither a Range nor a list.",
                    where="tune(space=)",
                    expected="Range(low, high), or a list of values",
                    received=repr(values),
                )
    return Choices(start, space, task, rows)


def shared_part(chosen: Preset) -> Preset:
    """A configuration without that in which members of one program may differ.

    >>> shared_part(Preset(dropout=0.1)) == shared_part(Preset(dropout=0.2))
    True
    """
    plain = Preset()
    return replace(chosen, **{name: getattr(plain, name) for name in BY_MEMBER})


def _drawn(trial: Any, name: str, values: Values, whole: bool) -> Any:
    if isinstance(values, Range):
        if whole:
            ends = int(values.low), int(values.high)
            step = int(values.step or 1)
            return trial.suggest_int(name, *ends, log=values.log, step=step)
        low, high = float(values.low), float(values.high)
        return trial.suggest_float(name, low, high, log=values.log, step=values.step)
    named = {label(value): value for value in values}
    return named[trial.suggest_categorical(name, list(named))]


def _check_names(names: Mapping[str, Any], where: str) -> None:
    known = [f.name for f in fields(Preset) if f.name not in _FIXED]
    for name in names:
        if name not in known:
            own = f"{name!r} is set by tune itself." if name in _FIXED else None
            raise ArgumentError(
                own or f"A preset has no {name!r} to search.",
                where=where,
                expected=", ".join(known),
                received=name,
                remedy="folds= says how many" if own else closest(name, known),
            )


def _check_alike(chosen: Preset, task: str, where: str) -> None:
    """Refuses a configuration whose own members differ."""
    for name in BY_MEMBER:
        value = getattr(chosen, name)
        if name == "rate":
            value = value[task == "regression"]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ArgumentError(
                f"The {name} of a configuration is one number.",
                where=where,
                expected="a number",
                received=repr(value),
                remedy="configurations differ, the members of one do not",
            )
