"""Losses, weights, metrics and targets for outputs in structures of any form."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops, tree
from pronghorn.errors import ArgumentError, DataError, ShapeError
from pronghorn.training.parts import asked_losses

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 3)).astype("float32")
Y = [RNG.normal(size=(16, 1)).astype("float32") for _ in range(3)]
Pair = namedtuple("Pair", ["p", "q"])


def model_of(pack: Any) -> Any:
    """A model whose outputs are three units in some structure."""
    x = keras.Input((3,), name="x")
    units = [layers.Dense(1, name=name)(x) for name in ("a", "b", "c")]
    return keras.Model(x, pack(*units))


def gap(y_true: Any, y_pred: Any) -> Any:
    """The mean absolute error of all that it gets, added up."""
    pairs = zip(tree.flatten(y_true), tree.flatten(y_pred), strict=True)
    return sum(ops.mean(ops.abs(t - p), axis=-1) for t, p in pairs)


def nested(a: Any, b: Any, c: Any) -> Any:
    return {"s": (a, b), "t": {"u": c}}


def flat(a: Any, b: Any, c: Any) -> Any:
    return [a, b, c]


def expected(model: Any, weights: Any = (1, 1, 1)) -> float:
    """The weighted sum of each output's mean absolute error."""
    found = tree.flatten(model.predict(X, verbose=0))
    pairs = zip(weights, found, Y, strict=True)
    return float(sum(w * np.abs(p - y).mean() for w, p, y in pairs))


@pytest.mark.parametrize(
    ("pack", "loss", "weights", "factors", "names"),
    [
        (nested, "mae", None, (1, 1, 1), ["s/a", "s/b", "t/u"]),
        (nested, {"s": "mae", "t": None}, None, None, []),
        (nested, {"s": [gap]}, None, (1, 1, 0), []),
        (nested, {"s": (None, "mae"), "t": {"u": "mae"}}, None, (0, 1, 1),
         ["s/b", "t/u"]),
        (nested, {"s": [gap, ("mae", None)], "t": gap}, None, (2, 1, 1),
         ["s", "s/a", "t"]),
        (nested, {"s": ("mae", "mae"), "t": {"u": "mae"}},
         {"s": (1.0, 2.0), "t": {"u": 0.5}}, (1, 2, 0.5), ["s/a", "s/b", "t/u"]),
        (nested, {"s": ("mae", "mae"), "t": {"u": "mae"}}, [1.0, 2.0, 0.5],
         (1, 2, 0.5), ["s/a", "s/b", "t/u"]),
        (flat, ["mae", ["mae"], None], [3.0, 2.0, 1.0], (3, 2, 0), ["a", "b"]),
        (flat, (gap, ["mae", None, "mae"]), [0.5, 1.0, 1.0, 1.0],
         (1.5, 0.5, 1.5), ["a_b_c", "a", "c"]),
        (flat, {"a": "mae", "c": "mae", "b": None}, {"a": 2.0}, (2, 0, 1), ["a", "c"]),
        (lambda a, b, c: {"k": a, "l": b, "m": c}, {"l": "mae"}, None, (0, 1, 0), []),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:The loss does not depend")
def test_losses_of_structures(
    pack: Any, loss: Any, weights: Any, factors: Any, names: list[str]
) -> None:
    model = model_of(pack)
    y = tree.pack_sequence_as(model.output, Y)
    if factors is None:  # a loss without a structure, for a part that has one
        factors, names = (1, 1, 0), ["s/a", "s/b"]
        loss = {"s": ("mae", "mae")}
    for eagerly in (False, True):
        model.compile("sgd", loss, loss_weights=weights, run_eagerly=eagerly)
        logs = model.evaluate(X, y, return_dict=True, verbose=0)
        np.testing.assert_allclose(logs["loss"], expected(model, factors), rtol=1e-5)
        assert sorted(logs) == sorted(["loss", *(f"{n}_loss" for n in names)])
    history = model.fit(X, y, verbose=0).history
    assert set(history) == set(logs)


def test_a_loss_gets_its_part_in_the_form_of_the_outputs() -> None:
    seen = []

    def form(y_true: Any, y_pred: Any) -> Any:
        seen.append((y_true, y_pred))
        return gap(y_true, y_pred)

    model = model_of(lambda a, b, c: {"s": Pair(a, b), "t": [c]})
    y = {"s": Pair(Y[0], Y[1]), "t": [Y[2]]}
    model.compile("sgd", {"s": form, "t": form})
    model.evaluate(X, y, verbose=0)
    assert {type(part) for pair in seen for part in pair} == {Pair, list}


def test_a_weight_per_row_goes_to_each_loss() -> None:
    model = model_of(nested)
    weight = RNG.uniform(size=16).astype("float32")
    y = tree.pack_sequence_as(model.output, Y)
    model.compile("sgd", {"s": gap, "t": {"u": "mae"}}, weighted_metrics=None)
    found = model.evaluate(X, y, sample_weight=weight, return_dict=True, verbose=0)
    outputs = tree.flatten(model.predict(X, verbose=0))
    each = [weight * np.abs(p - t)[:, 0] for p, t in zip(outputs, Y, strict=True)]
    np.testing.assert_allclose(found["loss"], np.sum(each) / 16, rtol=1e-5)


def test_metrics_of_structures() -> None:
    model = model_of(nested)
    y = tree.pack_sequence_as(model.output, Y)
    model.compile(
        "sgd", "mse", metrics={"s": (["mae", "mse"], None), "t": {"u": "mae"}}
    )
    logs = model.evaluate(X, y, return_dict=True, verbose=0)
    assert {n for n in logs if "loss" not in n} == {"a_mae", "a_mse", "c_mae"}
    outputs = tree.flatten(model.predict(X, verbose=0))
    for name, at in (("a_mae", 0), ("c_mae", 2)):
        wanted = np.abs(outputs[at] - Y[at]).mean()
        np.testing.assert_allclose(logs[name], wanted, rtol=1e-5)
    model.compile("sgd", "mse", metrics={"s": ["mae"]})
    with pytest.raises(ArgumentError, match="compile\\(metrics=\\) has not the form"):
        model.evaluate(X, y, verbose=0)


def test_targets_of_some_outputs_alone() -> None:
    model = model_of(flat)
    model.compile("sgd", ["mae", None, None])
    wanted = expected(model, (1, 0, 0))
    for y in (Y[0], [Y[0], None, None], {"a": Y[0]}):
        np.testing.assert_allclose(model.evaluate(X, y, verbose=0), wanted, rtol=1e-5)
    model.compile("sgd", ["mae", None, "mae"])
    found = model.evaluate(X, [Y[0], Y[2]], return_dict=True, verbose=0)
    np.testing.assert_allclose(found["loss"], expected(model, (1, 0, 1)), rtol=1e-5)
    deep = model_of(nested)
    deep.compile("sgd", {"t": {"u": "mae"}})
    found = deep.evaluate(X, {"t": {"u": Y[2]}}, verbose=0)
    np.testing.assert_allclose(found, expected(deep, (0, 0, 1)), rtol=1e-5)
    deep.compile("sgd", {"s": ("mae", None)})
    with pytest.raises(DataError, match="no target"):
        deep.evaluate(X, {"t": {"u": Y[2]}}, verbose=0)


@pytest.mark.parametrize(
    "y", [{"s": (Y[0],)}, {"v": Y[0]}, {"s": {"a": Y[0]}}, [Y[0], Y[1]]]
)
def test_targets_of_another_form_are_refused(y: Any) -> None:
    model = model_of(nested)
    model.compile("sgd", "mse")
    with pytest.raises(ShapeError, match="form of the model's outputs"):
        model.fit(X, y, verbose=0)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ({"s": "mse", "v": "mse"}, r"loss\['v'\]"),
        ({"s": {"a": "mse"}}, r"loss\['s'\]"),
        ({"t": {"v": "mse"}}, r"loss\['t'\]\['v'\]"),
    ],
)
def test_parts_that_the_outputs_do_not_have(loss: Any, words: str) -> None:
    model = model_of(nested)
    model.compile("sgd", loss)
    with pytest.raises(KeyError, match=words):
        model.evaluate(X, tree.pack_sequence_as(model.output, Y), verbose=0)


def test_weights_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match="2, one for each loss"):
        asked_losses(["mse", "mae"], [1.0], [0, 1], ["a", "b"])
    with pytest.raises(ArgumentError, match="weighs what has no loss"):
        asked_losses({"a": "mse"}, {"b": 1.0}, {"a": 0, "b": 1}, ["a", "b"])


def test_a_compute_loss_may_make_several_outputs_of_one() -> None:
    class Twice(keras.Model):
        def __init__(self) -> None:
            x = keras.Input((3,))
            super().__init__(inputs=x, outputs=layers.Dense(1)(x))

        def compute_loss(
            self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, **more: Any
        ) -> Any:
            twice = [y_pred, y_pred]
            return super().compute_loss(x, y, twice, sample_weight, **more)

    model = Twice()
    model.compile("sgd", ["mae", "mse"])
    history = model.fit(X, (Y[0], Y[1]), verbose=0, shuffle=False).history
    assert set(history) == {"loss", "mae_loss", "mse_loss"}
    logs = model.evaluate(X, (Y[0], Y[1]), return_dict=True, verbose=0)
    found = model.predict(X, verbose=0)
    np.testing.assert_allclose(logs["mae_loss"], np.abs(found - Y[0]).mean(), rtol=1e-5)
    np.testing.assert_allclose(
        logs["mse_loss"], np.square(found - Y[1]).mean(), rtol=1e-5
    )


def test_a_compiled_structure_comes_back_from_a_file(tmp_path: Any) -> None:
    model = model_of(nested)
    y = tree.pack_sequence_as(model.output, Y)
    model.compile("sgd", {"s": ("mae", None), "t": {"u": "mse"}}, loss_weights=[2.0, 3])
    with pytest.raises(ShapeError):
        model.evaluate(X, y, verbose=0)  # None counts as one of the losses
    weights = {"s": (2.0, 1.0), "t": {"u": 3.0}}
    model.compile("sgd", {"s": ("mae", None), "t": {"u": "mse"}}, weights)
    wanted = model.evaluate(X, y, return_dict=True, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.evaluate(X, y, return_dict=True, verbose=0) == wanted
