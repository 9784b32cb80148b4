"""`Config`: settings of a script by name, which can be frozen."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from pronghorn.errors import ArgumentError, closest

__all__ = ["Config"]


class Config:
    """Named values, as attributes and as items; `freeze()` ends their changes.

    Args:
        **kwargs: the first of them.

    Raises:
        ArgumentError: a change while it is frozen.
        AttributeError: a name that it does not have.

    Example:

    >>> config = Config(rate=0.1)
    >>> config.epochs = 5
    >>> config["rate"], config.epochs, len(config)
    (0.1, 5, 2)
    >>> config.freeze()
    >>> config.rate = 0.2
    Traceback (most recent call last):
    ...
    pronghorn.errors.ArgumentError: The config is frozen...
    """

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(_config=kwargs, _frozen=False)

    @property
    def frozen(self) -> bool:
        """Whether it may not be changed."""
        return bool(self.__dict__["_frozen"])

    def freeze(self) -> None:
        """Ends changes."""
        self.__dict__["_frozen"] = True

    def unfreeze(self) -> None:
        """Allows changes again."""
        self.__dict__["_frozen"] = False

    def as_dict(self) -> dict[str, Any]:
        """A copy of the values by their names."""
        return dict(self._values())

    def to_json(self) -> str:
        """The values as JSON."""
        return json.dumps(self._values())

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._values().keys()

    def values(self) -> ValuesView[Any]:
        """The values."""
        return self._values().values()

    def items(self) -> ItemsView[str, Any]:
        """Names and values."""
        return self._values().items()

    def get(self, keyname: str, value: Any = None) -> Any:
        """A value, or `value` where there is none of the name."""
        return self._values().get(keyname, value)

    def pop(self, *args: Any) -> Any:
        """Removes a value and returns it, as `dict.pop`."""
        return self._open().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Sets values, as `dict.update`."""
        self._open().update(*args, **kwargs)

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = self.__dict__["_config"]
        return values

    def _open(self) -> dict[str, Any]:
        if self.frozen:
            raise ArgumentError(
                "The config is frozen: nothing in it can be set or removed.",
                where="Config",
                expected="a config that is not frozen",
                received="a change of a frozen one",
                remedy="call unfreeze() first",
            )
        return self._values()

    def __setattr__(self, name: str, value: Any) -> None:
        self._open()[name] = value

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("_config", {})
        if name in values:
            return values[name]
        hint = closest(name, values) if values else ""
        raise AttributeError(f"Unknown attribute: {name!r}. {hint}".strip())

    def __setitem__(self, key: str, item: Any) -> None:
        self._open()[key] = item

    def __getitem__(self, key: str) -> Any:
        return self._values()[key]

    def __delitem__(self, key: str) -> None:
        del self._open()[key]

    def __contains__(self, item: object) -> bool:
        return item in self._values()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._values()))

    def __len__(self) -> int:
        return len(self._values())

    def __repr__(self) -> str:
        return f"<Config {self._values()}>"
