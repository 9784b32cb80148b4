"""`keras.backend` by its old names, dtype policies, and what `keras.config` tells."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from tests.conformance.case import Case, CaseTable, Results, jsonable

X = np.linspace(-1.5, 2.0, 12).reshape(3, 4).astype("float32")
P = np.array([[0.1, 0.7, 0.2], [0.5, 0.25, 0.25], [0.2, 0.2, 0.6]], "float32")


def module(k: Any) -> Any:
    """The backend that scripts of `tensorflow.keras` get."""
    if k.__name__ == "keras":
        return import_module("keras._tf_keras.keras.backend")
    return k.backend


CALLS: dict[str, Any] = {
    "abs": lambda K, x, p: K.abs(x),
    "all": lambda K, x, p: K.all(x > 0, axis=1),
    "any": lambda K, x, p: K.any(x > 0, axis=1, keepdims=True),
    "argmax": lambda K, x, p: K.argmax(x),
    "argmin": lambda K, x, p: K.argmin(x, axis=0),
    "binary_crossentropy": lambda K, x, p: K.binary_crossentropy(
        K.cast(p > 0.3, "float32"), p
    ),
    "categorical_crossentropy": lambda K, x, p: K.categorical_crossentropy(
        np.eye(3, dtype="float32"), p
    ),
    "cast": lambda K, x, p: K.cast(x, "int32"),
    "cast_to_floatx": lambda K, x, p: K.cast_to_floatx(x),
    "clip": lambda K, x, p: K.clip(x, -1.0, 1.0),
    "concatenate": lambda K, x, p: K.concatenate([x, x]),
    "constant": lambda K, x, p: K.constant([1, 2]),
    "constant of a shape": lambda K, x, p: K.constant(2.0, shape=(2, 2)),
    "dot": lambda K, x, p: K.dot(x, K.transpose(x)),
    "exp": lambda K, x, p: K.exp(x),
    "expand_dims": lambda K, x, p: K.expand_dims(x),
    "flatten": lambda K, x, p: K.flatten(x),
    "greater": lambda K, x, p: K.greater(x, 0.0),
    "l2_normalize": lambda K, x, p: K.l2_normalize(x, axis=1),
    "log": lambda K, x, p: K.log(p),
    "max": lambda K, x, p: K.max(x, axis=0),
    "maximum": lambda K, x, p: K.maximum(x, 0.5),
    "mean": lambda K, x, p: K.mean(x, axis=-1),
    "mean of booleans": lambda K, x, p: K.mean(x > 0),
    "min": lambda K, x, p: K.min(x, axis=1, keepdims=True),
    "permute_dimensions": lambda K, x, p: K.permute_dimensions(x, (1, 0)),
    "pow": lambda K, x, p: K.pow(x, 2),
    "prod": lambda K, x, p: K.prod(x, axis=1),
    "relu": lambda K, x, p: K.relu(x),
    "relu leaky": lambda K, x, p: K.relu(x, 0.1, max_value=1.0),
    "repeat_elements": lambda K, x, p: K.repeat_elements(x, 2, axis=1),
    "round": lambda K, x, p: K.round(x),
    "sigmoid": lambda K, x, p: K.sigmoid(x),
    "softmax": lambda K, x, p: K.softmax(x),
    "softplus": lambda K, x, p: K.softplus(x),
    "sparse_categorical_crossentropy": lambda K, x, p: (
        K.sparse_categorical_crossentropy(np.array([0, 1, 2]), p)
    ),
    "sqrt": lambda K, x, p: K.sqrt(p),
    "square": lambda K, x, p: K.square(x),
    "squeeze": lambda K, x, p: K.squeeze(x[:, None], 1),
    "stack": lambda K, x, p: K.stack([x, x], axis=1),
    "std": lambda K, x, p: K.std(x, axis=0),
    "sum": lambda K, x, p: K.sum(x, axis=1),
    "switch": lambda K, x, p: K.switch(x > 0, x, -x),
    "tile": lambda K, x, p: K.tile(x, (1, 2)),
    "var": lambda K, x, p: K.var(x, axis=1),
}


def computed(k: Any, name: str) -> Results:
    """One function on an array."""
    x, p = k.ops.convert_to_tensor(X), k.ops.convert_to_tensor(P)
    value = CALLS[name](module(k), x, p)
    return {"value": np.asarray(value)}


def told(k: Any) -> Results:
    """What is known without computing."""
    K = module(k)
    x = k.Input((3,))
    return {
        "epsilon": K.epsilon(),
        "floatx": [K.floatx(), k.config.floatx(), k.config.epsilon()],
        "format": [K.image_data_format(), k.config.image_data_format()],
        "int_shape": jsonable(K.int_shape(x)),
        "dtypes": [
            k.backend.standardize_dtype(d) for d in (None, "float16", np.int64, "bool")
        ],
        "kinds": [
            [k.backend.is_float_dtype(d), k.backend.is_int_dtype(d)]
            for d in ("float32", "int8", "uint8", "bool", "bfloat16")
        ],
        "logging": k.config.is_interactive_logging_enabled(),
        "filtering": k.config.is_traceback_filtering_enabled(),
    }


def policies(k: Any) -> Results:
    """Policies and their configs."""
    names = ("float32", "mixed_float16", "mixed_bfloat16", "int32")
    made = [k.mixed_precision.Policy(name) for name in names]
    get = k.dtype_policies.get
    return {
        "dtypes": [[p.compute_dtype, p.variable_dtype, p.name] for p in made],
        "configs": [k.dtype_policies.serialize(p) for p in made],
        "global": k.mixed_precision.global_policy().name,
        "got": [get(x).name for x in (None, "float16", made[1], np.float32)],
        "equal": [made[0] == get("float32"), made[0] == made[1], repr(made[0])],
    }


def variables(k: Any) -> Results:
    """Values are set and read."""
    K = module(k)
    one, other = K.variable([1.0, 2.0]), K.variable(np.ones((2, 2)))
    K.set_value(one, [3.0, 4.0])
    K.batch_set_value([(other, np.zeros((2, 2)))])
    K.update_add(one, np.array([1.0, 1.0], "float32"))
    K.update_sub(other, np.ones((2, 2), "float32"))
    return {
        "values": [np.asarray(v) for v in K.batch_get_value([one, other])],
        "one": np.asarray(K.get_value(one)),
    }


def cases() -> CaseTable:
    """Every function of the table."""
    for name in CALLS:
        yield Case(f"backend/{name}", lambda k, n=name: computed(k, n))
    yield Case("backend/told", told)
    yield Case("backend/policies", policies)
    yield Case("backend/variables", variables)
