"""Names that scripts seldom ask for: policies by path, `legacy.saving`, specs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.case import Case, CaseTable, Results, jsonable, signature

X = np.linspace(-1.0, 1.0, 12).reshape(4, 3).astype("float32")
SIGNED = (
    "InputSpec",
    "backend.result_type",
    "dtype_policies.DTypePolicyMap",
    "legacy.saving.deserialize_keras_object",
    "legacy.saving.serialize_keras_object",
    "utils.legacy.serialize_keras_object",
    "utils.model_to_dot",
)
NUMBERS = (
    *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32"),
    *("int64", "bfloat16", "float16", "float32", "float64"),
)


def paths(k: Any) -> Results:
    """Where layers stand, before and after they are built."""
    L = k.layers
    found: dict[str, Any] = {}

    def tell(*layers: Any) -> None:
        found.update({f"{layer.name} {len(found)}": layer.path for layer in layers})

    dense, drop = L.Dense(2, name="d"), L.Dropout(0.5, name="dr")
    tell(dense, drop)
    x = k.Input((3,), name="x")
    drop(dense(x))
    tell(dense, drop)
    line = k.Sequential([L.Dense(2, name="a"), L.Dropout(0.1, name="b")], name="s")
    tell(line, *line.layers)
    line.build((None, 3))
    model = k.Model(x, line(x), name="f")
    tell(line, *line.layers, *model.layers, model)

    class Inner(L.Layer):
        def __init__(self) -> None:
            super().__init__(name="inner")
            self.dense = L.Dense(1, name="in")

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    class Own(k.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.inner = Inner()
            self.line = k.Sequential([L.Dense(1, name="q")], name="t")

        def call(self, inputs: Any) -> Any:
            return self.line(self.inner(inputs))

    own = Own()
    own(X)
    tell(own, own.inner, own.inner.dense, own.line, *own.line.layers)
    around = L.SpectralNormalization(L.Dense(2, name="k"), name="sn")
    around(X)
    tell(around, around.layer)
    return {"paths": found}


def promoted(k: Any) -> Results:
    """Every pair of dtypes, and Python's numbers with each."""
    of = k.backend.result_type
    # TensorFlow keeps 64 bits; JAX, whose rule this is, has 32.
    narrow = {"int64": "int32", "uint64": "uint32", "float64": "float32"}
    pairs = {f"{a} {b}": of(a, b) for a in NUMBERS for b in NUMBERS}
    weak = {f"{a} {w.__name__}": of(a, w) for a in NUMBERS for w in (int, float, bool)}
    alone = {"none": of(), "None": of(None, "int8"), "three": of("int8", "bool", int)}
    alone |= {"int": of(int), "float": of(float), "both": of(int, float)}
    found = {**pairs, **weak, **alone}
    return {"dtypes": {key: narrow.get(name, name) for key, name in found.items()}}


def mapped(k: Any) -> Results:
    """Policies by path, on their own and of a layer."""
    P = k.dtype_policies.DTypePolicy
    policies = k.dtype_policies.DTypePolicyMap("float32", {"s/a": P("int32")})
    policies["wide/.*"] = "mixed_bfloat16"
    again = k.dtype_policies.deserialize(k.dtype_policies.serialize(policies))
    wanted = ("s/a", "s/b", "wide/x/y", "wide")
    given = k.dtype_policies.DTypePolicyMap("float32", {"t/a": P("float32")})
    layer = k.layers.Dense(2, name="a", dtype=given)
    k.Sequential([layer], name="t").build((None, 3))
    return {
        "names": [[m[path].name for path in wanted] for m in (policies, again)],
        "default": [policies.name, policies.compute_dtype, policies.variable_dtype],
        "dict": [len(policies), list(policies), "wide/x" in policies],
        "config": jsonable(policies.get_config()),
        "serialized": jsonable(k.dtype_policies.serialize(policies)),
        "layer": [layer.dtype, layer.compute_dtype, layer.dtype_policy["t/a"].name],
    }


def doubles(k: Any) -> Results:
    """A layer that a map picks out by its path; a loss and a metric of float64."""
    L = k.layers
    policies = k.dtype_policies.DTypePolicyMap("float32")
    policies["s/wide"] = "float64"
    given = {"kernel_initializer": "ones", "dtype": policies}
    wide, other = L.Dense(2, name="wide", **given), L.Dense(1, name="other", **given)
    before = [wide.dtype, other.dtype]
    out = k.Sequential([wide, other], name="s")(X.astype("float64"))
    after = [wide.dtype, wide.kernel.dtype, other.dtype, other.kernel.dtype]
    made = [str(np.asarray(x).dtype) for x in (wide(X), out)]
    model = k.Sequential([k.Input((3,)), L.Dense(1, kernel_initializer="ones")])
    metric = k.metrics.MeanAbsoluteError(dtype="float64")
    model.compile("sgd", k.losses.MeanSquaredError(dtype="float64"), metrics=[metric])
    options = {"batch_size": 2, "epochs": 2, "shuffle": False, "verbose": 0}
    logs = model.fit(X, X.sum(1) / 3, **options).history
    return {
        "dtypes": [*before, *after, *made, wide.dtype_policy.name],
        "out": np.asarray(out),
        "weights": [np.asarray(w) for w in model.weights],
        **logs,
        "predicted": str(model.predict(X, verbose=0).dtype),
    }


def converted(k: Any) -> Results:
    """Inputs as a policy converts them."""
    policy, found = k.DTypePolicy("float32"), {}
    for name in ("float32", "float64", "float16"):
        x = policy.convert_input(X.astype(name), True, "float32")
        found[name] = np.asarray(x)
    return {
        **found,
        "a number": policy.convert_input(3, True, "float32"),
        "a symbol": policy.convert_input(k.Input((3,)), True, "float32").dtype,
        "to int": policy.convert_input(k.Input((3,)), True, "int32").dtype,
        "not cast": policy.convert_input(k.Input((3,)), False, "int32").dtype,
    }


def normalized(k: Any) -> Results:
    """The divided kernel, without a call, and after one in training."""
    dense = k.layers.Dense(3, kernel_initializer="ones", name="k")
    layer = k.layers.SpectralNormalization(dense, power_iterations=3)
    layer.build((None, 4))
    dense.kernel.assign(np.arange(12.0).reshape(4, 3) / 10)
    layer.vector_u.assign(np.array([[0.1, -0.2, 0.3]]))
    vector, kernel = layer.normalized_weights()
    unchanged = np.asarray(dense.kernel)
    layer(np.ones((2, 4), "float32"), training=True)
    return {
        "weights": [np.asarray(vector), np.asarray(kernel)],
        "unchanged": unchanged,
        "weights after": [np.asarray(layer.vector_u), np.asarray(dense.kernel)],
    }


def area(k: Any) -> Results:
    """The interpolated area of counts that another curve uses too."""
    metric = k.metrics.AUC(num_thresholds=5, curve="ROC")
    metric.update_state([0, 0, 1, 1, 1], [0.1, 0.6, 0.35, 0.8, 0.9])
    labels = k.metrics.AUC(num_thresholds=5, multi_label=True, curve="PR")
    rng = np.random.default_rng(0)
    labels.update_state(rng.integers(0, 2, (20, 3)), rng.random((20, 3)))
    return {
        "area": float(metric.interpolate_pr_auc()),
        "labels": [float(labels.interpolate_pr_auc()), float(labels.result())],
    }


def older(k: Any) -> Results:
    """Objects as Keras 2 described them, and back."""
    room = k.legacy.saving
    dense = k.layers.Dense(2, activation="relu", kernel_regularizer="l2", name="d")
    plain = room.serialize_keras_object(dense)
    found = {"Dense": k.layers.Dense}

    class Own(k.layers.Layer):
        def __init__(self, penalty: Any = None, form: Any = None, **kwargs: Any):
            super().__init__(**kwargs)
            self.penalty, self.form = penalty, form

        def get_config(self) -> dict[str, Any]:
            parts = {"penalty": self.penalty, "form": self.form}
            return {**super().get_config(), **parts}

    own = Own(k.regularizers.L1(0.5), k.activations.tanh, name="own")
    told = jsonable(room.serialize_keras_object(own))
    places = {"Own": Own, "L1": k.regularizers.L1, "tanh": k.activations.tanh}
    kept = jsonable(told)
    back = room.deserialize_keras_object(told, places)
    return {
        "plain": jsonable(plain),
        "back": jsonable(room.deserialize_keras_object(plain, found).get_config()),
        "none": [
            room.serialize_keras_object(None),
            room.deserialize_keras_object(None),
        ],
        "function": room.serialize_keras_object(k.activations.tanh),
        "own": kept,
        "parts": [back.penalty.get_config(), back.form is k.activations.tanh],
    }


def specified(k: Any) -> Results:
    """What specs tell of themselves, and what they let pass."""
    specs = [
        k.InputSpec(shape=(None, 2, 2, 1), allow_last_axis_squeeze=True),
        k.InputSpec(dtype="float32", min_ndim=2, axes={-1: 3}),
        k.InputSpec(ndim=2, name="n", optional=True),
    ]
    again = [type(spec).from_config(spec.get_config()) for spec in specs]

    class Taking(k.layers.Layer):
        def __init__(self, spec: Any) -> None:
            super().__init__()
            self.input_spec = spec

        def call(self, inputs: Any) -> Any:
            return inputs

    def passes(spec: Any, inputs: Any) -> bool:
        try:
            Taking(spec)(inputs)
        except (ValueError, TypeError):
            return False
        return True

    squeezed = [(5, 2, 2), (5, 2, 2, 1), (5, 3, 2), (5, 3, 2, 1)]
    pair = [k.InputSpec(ndim=2, name="a"), k.InputSpec(ndim=1, name="b")]
    dicts = [{"a": X, "b": X[:, 0]}, {"a": X}, {"b": X[:, 0], "a": X, "c": X}]
    optional = [k.InputSpec(ndim=2), k.InputSpec(ndim=2, optional=True)]
    return {
        "configs": jsonable([spec.get_config() for spec in (*specs, *again)]),
        "told": [repr(spec) for spec in specs],
        "squeezed": [passes(specs[0], np.ones(shape, "float32")) for shape in squeezed],
        "dtypes": [passes(specs[1], X), passes(specs[1], k.Input((3,), dtype="int32"))],
        "names": [passes(pair, given) for given in dicts],
        "optional": [passes(optional, [X, None]), passes(optional, [None, X])],
    }


def spoken(k: Any) -> Results:
    """Models that give text: predicted ids by name, alone and beside numbers."""
    L = k.layers
    names = L.StringLookup(vocabulary=["red", "blue"], invert=True)
    ids = k.Input((2,), dtype="int32")
    alone = k.Model(ids, names(ids))
    x = k.Input((3,))
    scores = L.Dense(3, kernel_initializer="identity", name="scores")(x)
    best = k.ops.argmax(scores, axis=-1)
    both = k.Model(x, {"scores": scores, "best": names(best)})

    def text(values: Any) -> Any:
        flat = np.ravel(values)
        return [v.decode() if isinstance(v, bytes) else str(v) for v in flat]

    found = both.predict(X, verbose=0, batch_size=3)
    told = alone.predict(np.array([[1, 2], [0, 1]]), verbose=0)
    return {
        "alone": [text(told), list(np.shape(told))],
        "best": [text(found["best"]), list(np.shape(found["best"]))],
        "scores": np.asarray(found["scores"]),
    }


def cases() -> CaseTable:
    """One case for each name, and the signatures."""
    table = (paths, promoted, mapped, doubles, converted, normalized, area, older)
    for run in (*table, specified, spoken):
        yield Case(f"names/{run.__name__}", run)
    for name in SIGNED:
        yield Case(f"names/signature/{name}", lambda k, n=name: signature(k, n))
