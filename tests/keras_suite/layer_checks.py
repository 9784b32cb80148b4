"""The check that most of Keras's tests of layers consist of, for Pronghorn's layers."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import pronghorn
from pronghorn import ops
from tests.keras_suite.stand_ins import is_float_dtype, standardize_dtype

Make = Callable[..., Any]


@dataclass
class Expected:
    """What a layer should be and give; None is not looked at.

    Attributes:
        shape: of the output, None for any extent.
        dtype: of the output.
        values: the output itself, for the input that was given.
        counts: how many of each of the layer's collections there are.
        losses: how many losses a call adds.
        mask_shape: of the mask that the layer gives for a symbolic input.
    """

    shape: Any = None
    dtype: Any = None
    values: Any = None
    counts: dict[str, int] | None = None
    losses: int | None = None
    mask_shape: tuple[int | None, ...] | None = None


class LayerChecks(unittest.TestCase):
    """`run_layer_test`, which Keras's tests call with a class and its arguments."""

    def run_class_serialization_test(
        self, instance: Any, custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """See the class that has it."""
        raise NotImplementedError

    def run_layer_test(
        self,
        layer_cls: Any,
        init_kwargs: dict[str, Any] | None,
        input_shape: Any = None,
        input_dtype: Any = None,
        input_sparse: bool = False,
        input_ragged: bool = False,
        input_data: Any = None,
        call_kwargs: dict[str, Any] | None = None,
        expected_output_shape: Any = None,
        expected_output_dtype: Any = None,
        expected_output_sparse: bool = False,
        expected_output_ragged: bool = False,
        expected_output: Any = None,
        expected_num_trainable_weights: int | None = None,
        expected_num_non_trainable_weights: int | None = None,
        expected_num_non_trainable_variables: int | None = None,
        expected_num_seed_generators: int | None = None,
        expected_num_losses: int | None = None,
        supports_masking: bool | None = None,
        expected_mask_shape: Any = None,
        custom_objects: dict[str, Any] | None = None,
        run_training_check: bool = True,
        run_mixed_precision_check: bool = True,
        assert_built_after_instantiation: bool = False,
        tpu_atol: float | None = None,
        tpu_rtol: float | None = None,
    ) -> None:
        """Config, building, a symbolic and an eager call, a training step, float16.

        Keras's own checks, in its order; the arguments are Keras's. `input_sparse` is
        about inputs that are made here: data that is given is what it is.
        """
        self.assertFalse(
            (input_sparse and input_data is None)
            or input_ragged
            or expected_output_sparse
            or expected_output_ragged,
            "sparse and ragged tensors are not supported",
        )
        kwargs, call_kwargs = init_kwargs or {}, call_kwargs or {}
        layer = layer_cls(**kwargs)
        self.run_class_serialization_test(layer, custom_objects)
        if supports_masking is not None:
            self.assertEqual(layer.supports_masking, supports_masking, "masking")
        if input_shape is None and input_data is None:
            return

        shapes, dtypes, data = _inputs(input_shape, input_dtype, input_data)
        counts = {
            "trainable_weights": expected_num_trainable_weights,
            "non_trainable_weights": expected_num_non_trainable_weights,
            "non_trainable_variables": expected_num_non_trainable_variables,
            "seed_generators": expected_num_seed_generators,
        }
        called = layer_cls(**kwargs)
        _call(called, data, call_kwargs)
        expected = Expected(
            shape=expected_output_shape,
            dtype=expected_output_dtype,
            values=expected_output,
            counts={
                k: _count(called, k) if n is None else n for k, n in counts.items()
            },
            losses=expected_num_losses,
            mask_shape=expected_mask_shape,
        )
        make = lambda **more: layer_cls(**{**kwargs, **more})  # noqa: E731
        symbols = _symbols(shapes, dtypes)
        self._check_build(make, shapes, expected)
        self._check_symbolic(make, symbols, call_kwargs, expected)
        if assert_built_after_instantiation:
            self._check_stateless(layer_cls, kwargs)
        output = self._check_eager(make, data, call_kwargs, expected)
        if run_training_check:
            _train(make(), data, output)
        if run_mixed_precision_check:
            self._check_float16(make, symbols, data, call_kwargs)

    def _check_build(self, make: Make, shapes: Any, expected: Expected) -> None:
        layer = make()
        layer.build(**shapes) if isinstance(shapes, dict) else layer.build(shapes)
        self._check_counts(layer, expected)

    def _check_counts(self, layer: Any, expected: Expected) -> None:
        self.assertTrue(layer.built)
        for what, number in (expected.counts or {}).items():
            self.assertEqual(_count(layer, what), number, f"number of {what}")

    def _check_symbolic(
        self, make: Make, symbols: Any, call_kwargs: dict[str, Any], expected: Expected
    ) -> None:
        layer = make()
        output = _call(layer, symbols, call_kwargs)
        self._check_counts(layer, expected)
        self._check_output(output, expected)
        if expected.mask_shape is not None:
            self.assertEqual(layer.compute_mask(symbols).shape, expected.mask_shape)

    def _check_stateless(self, layer_cls: Any, kwargs: dict[str, Any]) -> None:
        """Without weights a layer is built when it is made; with `build` it is not."""
        self.assertTrue(layer_cls(**kwargs).built, "built when it is made")

        class WithBuild(layer_cls):
            def build(self, *args: Any, **kwargs: Any) -> None:
                pass

        self.assertFalse(WithBuild(**kwargs).built, "its `build` was not called yet")

    def _check_eager(
        self, make: Make, data: Any, call_kwargs: dict[str, Any], expected: Expected
    ) -> Any:
        layer = make()
        output = _call(layer, data, call_kwargs)
        self._check_output(output, expected)
        if expected.values is not None:
            wanted, found = _leaves(expected.values), _leaves(output)
            self.assertEqual(len(found), len(wanted))
            for left, right in zip(wanted, found):
                self.assertAllClose(left, right)  # type: ignore[attr-defined]
        if expected.losses is not None:
            self.assertEqual(len(layer.losses), expected.losses, "number of losses")
        return output

    def _check_output(self, output: Any, expected: Expected) -> None:
        found = _leaves(output)
        if expected.shape is not None:
            wanted = _leaves(expected.shape, of_shapes=True)
            self.assertEqual(len(found), len(wanted))
            for tensor, shape in zip(found, wanted):
                fits = len(shape) == len(tensor.shape) and all(
                    n is None or n == m for n, m in zip(shape, tensor.shape)
                )
                self.assertTrue(fits, f"shape {tensor.shape} where {shape} is expected")
        if expected.dtype is not None:
            names = _leaves(expected.dtype)
            self.assertEqual([standardize_dtype(t.dtype) for t in found], names)

    def _check_float16(
        self, make: Make, symbols: Any, data: Any, call_kwargs: dict[str, Any]
    ) -> None:
        """Under a policy of 16 bits symbols tell the dtype, and weights are float32."""
        layer = make(dtype="mixed_float16")
        output = _call(layer, data, call_kwargs)

        def cast(symbol: Any) -> Any:
            floating = layer.autocast and is_float_dtype(symbol.dtype)
            dtype = layer.compute_dtype if floating else symbol.dtype
            return pronghorn.KerasTensor(symbol.shape, dtype=dtype)

        spec = _map(cast, symbols)
        given = spec if isinstance(spec, dict) else {}
        shapes = (
            layer.compute_output_spec(**given)
            if given
            else layer.compute_output_spec(spec)
        )
        for tensor, symbol in zip(_leaves(output), _leaves(shapes)):
            self.assertEqual(standardize_dtype(tensor.dtype), symbol.dtype)
        for weight in layer.weights:
            if is_float_dtype(weight.dtype):
                self.assertEqual(standardize_dtype(weight.dtype), "float32")


# --- inputs ---------------------------------------------------------------------
def _is_shape(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        n is None or isinstance(n, int | np.integer) for n in value
    )


def _inputs(shapes: Any, dtypes: Any, data: Any) -> tuple[Any, Any, Any]:
    """Shapes, dtypes and arrays of the inputs, in one structure."""
    if data is None:
        if dtypes is None:
            dtypes = _map_shapes(lambda _: "float32", shapes)
        rng = np.random.default_rng(0)

        def drawn(shape: Any, dtype: str) -> np.ndarray:
            return (3 * rng.random(shape, np.float32)).astype(dtype)

        return shapes, dtypes, _map_shapes(drawn, shapes, dtypes)
    return (
        _map(lambda x: tuple(ops.shape(x)), data),
        _map(_dtype, data),
        data,
    )


def _dtype(x: Any) -> str:
    """That of a symbol for it: float64 becomes float32 here."""
    name = str(x.dtype)
    return "float32" if name == "float64" else standardize_dtype(name)


def _symbols(shapes: Any, dtypes: Any) -> Any:
    def symbol(shape: Any, dtype: str) -> Any:
        return pronghorn.KerasTensor(tuple(shape), dtype=dtype)

    return _map_shapes(symbol, shapes, dtypes)


def _map_shapes(function: Make, shapes: Any, others: Any = None) -> Any:
    """A function of each shape, and of what stands there in another structure."""
    if _is_shape(shapes):
        return function(shapes) if others is None else function(shapes, others)
    if isinstance(shapes, dict):
        return {
            key.removesuffix("_shape") if others is not None else key: _map_shapes(
                function, shape, None if others is None else others[key]
            )
            for key, shape in shapes.items()
        }
    parts = [None] * len(shapes) if others is None else others
    return type(shapes)(_map_shapes(function, s, o) for s, o in zip(shapes, parts))


def _map(function: Make, value: Any) -> Any:
    """A function of each leaf of lists, tuples and dicts."""
    if isinstance(value, dict):
        return {key: _map(function, v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_map(function, v) for v in value)
    return function(value)


def _leaves(value: Any, of_shapes: bool = False) -> list[Any]:
    if of_shapes and _is_shape(value):
        return [value]
    if isinstance(value, dict):
        return [x for v in value.values() for x in _leaves(v, of_shapes)]
    if isinstance(value, list | tuple):
        return [x for v in value for x in _leaves(v, of_shapes)]
    return [value]


# --- layers ---------------------------------------------------------------------
def _call(layer: Any, data: Any, call_kwargs: dict[str, Any]) -> Any:
    if isinstance(data, dict):
        return layer(**data, **call_kwargs)
    return layer(data, **call_kwargs)


def _count(layer: Any, what: str) -> int:
    if what != "seed_generators":
        return len(getattr(layer, what))
    return len(_seed_generators(layer, {}))


def _seed_generators(layer: Any, found: dict[int, Any]) -> dict[int, Any]:
    """The generators that a layer and the layers in it hold, each once."""
    kind = getattr(pronghorn.random, "SeedGenerator", ())
    for value in vars(layer).values():
        for item in _leaves(value):
            if isinstance(item, kind):
                found[id(item)] = item
            elif isinstance(item, pronghorn.Layer) and item is not layer:
                _seed_generators(item, found)
    return found


class _Sum(pronghorn.Loss):  # type: ignore[misc]
    """The sum of the outputs, so that any output can be trained on."""

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return ops.sum(y_pred)


class _Model(pronghorn.Model):  # type: ignore[misc]
    """A model of one layer, and a factor where that has nothing to train.

    A model without a trainable weight cannot be fitted here. The factor is before the
    layer, for the gradient to go through it, or behind it where inputs are no floats.
    """

    def __init__(self, layer: Any, data: Any) -> None:
        super().__init__()
        self.layer = layer
        layer(data)
        self.floats = all(is_float_dtype(x.dtype) for x in _leaves(data))
        if not layer.trainable_weights:
            self.factor = self.add_weight(shape=(), initializer="ones")

    def call(self, x: Any, training: bool = False) -> Any:
        """The layer's output."""
        if self.layer.trainable_weights:
            return self.layer(x, training=training)
        if self.floats:
            x = _map(lambda v: v * self.factor, x)
            return self.layer(x, training=training)
        return _map(
            lambda v: ops.cast(v, "float32") * self.factor,
            self.layer(x, training=training),
        )


def _train(layer: Any, data: Any, output: Any) -> None:
    """One step on one batch from a generator."""

    def batches() -> Any:
        while True:
            yield data, output

    model = _Model(layer, data)
    model.compile(optimizer="sgd", loss=_Sum(), jit_compile="auto")
    model.fit(batches(), steps_per_epoch=1, verbose=0)
