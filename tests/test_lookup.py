"""Finding an object by a name, a class, a config or itself."""

from __future__ import annotations

from typing import Any

import pytest

from pronghorn.errors import ArgumentError, UnknownNameError
from pronghorn.lookup import by_name, from_config, interpret, names_of
from pronghorn.registry import custom_object_scope


class Apple:
    def __init__(self, weight: int = 1) -> None:
        self.weight = weight

    def __call__(self) -> int:
        return self.weight

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Apple:
        return cls(**config)


NAMES = names_of((Apple,), pome=Apple)


def test_names() -> None:
    assert sorted(NAMES) == ["Apple", "apple", "pome"]


def test_a_class_is_called() -> None:
    found = interpret("fruit", "apple", NAMES, "Apple()")
    assert isinstance(found, Apple)
    assert isinstance(interpret("fruit", Apple, NAMES, "Apple()"), Apple)
    assert interpret("fruit", found, NAMES, "Apple()") is found
    assert interpret("fruit", None, NAMES, "Apple()") is None


def test_short_configs() -> None:
    config = {"class_name": "apple", "config": {"weight": 3}}
    assert from_config("fruit", config, NAMES, "Apple()").weight == 3
    assert interpret("fruit", config, NAMES, "Apple()").weight == 3
    bare = {"class_name": "apple", "config": None}
    assert from_config("fruit", bare, NAMES, "Apple()").weight == 1


def test_custom_names() -> None:
    with custom_object_scope({"pear": Apple}):
        assert by_name("fruit", "pear", NAMES, "Apple()") is Apple
    mine = {"pear": Apple}
    assert from_config("fruit", "pear", NAMES, "Apple()", mine) is Apple
    with pytest.raises(UnknownNameError):
        by_name("fruit", "pear", NAMES, "Apple()")


@pytest.mark.parametrize(("kind", "article"), [("fruit", "a"), ("apple", "an")])
def test_an_unknown_name_is_answered_in_full(kind: str, article: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        interpret(kind, "aple", NAMES, "Apple()")
    error = caught.value
    assert error.where == f"{kind}='aple'"
    assert error.received == "'aple'"
    assert (
        error.expected == f"the name of {article} {kind}, or an object such as Apple()"
    )
    assert error.remedy is not None and error.remedy.startswith("did you mean apple")


def test_an_object_of_another_kind() -> None:
    with pytest.raises(ArgumentError) as caught:
        interpret("fruit", 3, NAMES, "Apple()")
    assert "3, of type int" in str(caught.value)
    with pytest.raises(ArgumentError, match="not a fruit"):
        interpret("fruit", len, NAMES, "Apple()", lambda o: isinstance(o, Apple))
