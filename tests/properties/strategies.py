"""Random shapes, arrays and nets."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pronghorn as ph
from pronghorn import layers

# The same examples in every run, so that a red build is red again.
repeatable = settings(max_examples=30, deadline=None, derandomize=True)
few = settings(max_examples=10, deadline=None, derandomize=True)

FLOATS = st.floats(-3, 3, width=32, allow_subnormal=False)
SIDES = st.integers(1, 5)
seeds = st.integers(0, 2**31 - 2)


def arrays(shape: Any) -> st.SearchStrategy[np.ndarray]:
    """Float32 arrays of a shape."""
    return hnp.arrays(np.float32, shape, elements=FLOATS)


@st.composite
def broadcastable(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays whose shapes go together."""
    found = draw(
        hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4)
    )
    first, second = found.input_shapes
    return draw(arrays(first)), draw(arrays(second))


@st.composite
def reductions(draw: Any) -> tuple[np.ndarray, Any, bool]:
    """An array, axes to reduce, whether they are kept."""
    array = draw(arrays(draw(hnp.array_shapes(max_dims=3, max_side=4))))
    axes = draw(hnp.valid_tuple_axes(array.ndim))
    return array, draw(st.sampled_from([None, tuple(axes)])), draw(st.booleans())


@st.composite
def tables(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets: 3 to 40 rows, 1 to 5 columns."""
    rows, columns, seed = draw(st.integers(3, 40)), draw(SIDES), draw(seeds)
    stream = np.random.RandomState(seed)
    x = stream.standard_normal((rows, columns)).astype("float32")
    return x, stream.standard_normal((rows, 1)).astype("float32")


@st.composite
def blueprints(draw: Any) -> list[tuple[str, dict[str, Any]]]:
    """Hidden layers of a net: classes and their arguments."""
    dense = st.fixed_dictionaries(
        {
            "units": st.integers(1, 6),
            "activation": st.sampled_from(["relu", "tanh", "gelu", "selu", None]),
            "use_bias": st.booleans(),
        }
    )
    kinds = st.one_of(
        st.tuples(st.just("Dense"), dense),
        st.tuples(st.just("BatchNormalization"), st.just({"momentum": 0.8})),
        st.tuples(st.just("LayerNormalization"), st.just({})),
        st.tuples(st.just("Dropout"), st.just({"rate": 0.3})),
    )
    return draw(st.lists(kinds, max_size=3))


def build(blueprint: list[tuple[str, dict[str, Any]]], columns: int, seed: int) -> Any:
    """The net of a blueprint, compiled."""
    ph.utils.set_random_seed(seed)
    model = ph.Sequential(
        [
            layers.Input((columns,)),
            *(getattr(layers, name)(**arguments) for name, arguments in blueprint),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer=ph.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    return model
