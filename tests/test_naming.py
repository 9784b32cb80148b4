"""Automatic names."""

from __future__ import annotations

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.naming import (
    auto_name,
    current_path,
    name_scope,
    reset_names,
    snake_case,
)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Dense", "dense"),
        ("BatchNormalization", "batch_normalization"),
        ("AUC", "auc"),
        ("F1Score", "f1_score"),
        ("L1L2", "l1l2"),
        ("KLDivergence", "kl_divergence"),
        ("my_function", "my_function"),
        ("<lambda>", "lambda"),
    ],
)
def test_snake_case_is_keras_s(name: str, wanted: str) -> None:
    assert snake_case(name) == wanted


def test_names_count_up_by_class() -> None:
    reset_names()
    names = [auto_name(n) for n in ("Dense", "Dense", "ReLU", "dense", "ReLU")]
    assert names == ["dense", "dense_1", "re_lu", "dense_2", "re_lu_1"]
    reset_names()
    assert auto_name("Dense") == "dense"


def test_scopes_stack_up() -> None:
    assert current_path() == ""
    with name_scope("outer") as outer:
        assert outer.name == "outer" and current_path() == "outer"
        with name_scope("middle", override_parent="/from/above"):
            assert current_path() == "from/above/middle"
            with name_scope("inner"):
                assert current_path() == "from/above/middle/inner"
        assert current_path() == "outer"
        with pytest.raises(ZeroDivisionError), name_scope("failing"):
            raise ZeroDivisionError
        assert current_path() == "outer"
    assert current_path() == ""


def test_one_caller_opens_a_scope_once() -> None:
    with name_scope("a", caller=1), name_scope("a", caller=1):
        assert current_path() == "a"
    with name_scope("a", caller=1), name_scope("a", caller=1, deduplicate=False):
        assert current_path() == "a/a"
    with name_scope("a", caller=1), name_scope("a", caller=2):
        assert current_path() == "a/a"
    with name_scope("a"), name_scope("a"):
        assert current_path() == "a/a"


@pytest.mark.parametrize("name", ["a/b", 4, None])
def test_what_is_no_name(name: object) -> None:
    with pytest.raises(ArgumentError, match="must be a string"):
        name_scope(name)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="override_parent"):
        name_scope("a", parent="b")
