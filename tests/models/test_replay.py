"""A recorded call, made again."""

from __future__ import annotations

from typing import Any

import pytest

from pronghorn.ir.tensor import KerasTensor
from pronghorn.models.replay import replay

X, Y, Z = (KerasTensor((None, 1)) for _ in range(3))


def seen(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


def test_values_stand_for_symbols_wherever_they_are() -> None:
    values = {id(X): 1, id(Y): 2}

    def pair(*args: Any, **kwargs: Any) -> Any:
        assert seen(*args, **kwargs) == (([1, "a"], 5), {"mask": {"b": 2}})
        return {"sum": 3}

    replay(pair, ([X, "a"], 5), {"mask": {"b": Y}}, [Z], values)
    assert values[id(Z)] == 3


@pytest.mark.parametrize(
    ("recorded", "given", "expected"),
    [
        ({"training": False}, True, {"training": True}),
        ({"training": False}, None, {"training": False}),
        ({}, True, {}),
    ],
)
def test_a_recorded_flag_gives_way(
    recorded: dict[str, Any], given: bool | None, expected: dict[str, Any]
) -> None:
    values: dict[int, Any] = {}
    found: list[Any] = []
    replay(lambda **kw: found.append(kw) or 0, (), recorded, [Z], values, given)
    assert found == [expected] and values == {id(Z): 0}


def test_each_output_has_a_value() -> None:
    with pytest.raises(ValueError, match="zip"):
        replay(lambda: (1, 2), (), {}, [Z], {})
