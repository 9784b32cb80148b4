"""Automatic names."""

from __future__ import annotations

import pytest

from pronghorn.naming import auto_name, reset_names, snake_case


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
