"""Which operations a functional model keeps by name, as Keras does.

`x * 2` between two layers becomes one operation of the model, with Keras's class name
and module, so that its file can name it. Inside of layers, and on arrays, nothing of
this happens: there operations compute, or are recorded as nodes of the graph. What no
graph can hold still has a shape outside of them (`by_example`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, NamedTuple

from pronghorn.errors import UnsupportedError
from pronghorn.ir.operators import OPERATORS
from pronghorn.ir.recorder import EagerTensor
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import active

__all__ = ["RECORDED", "Recorded", "install", "record_with", "recorded"]


class Recorded(NamedTuple):
    """How Keras names an operation, and what of it is a constructor's argument."""

    module: str
    class_name: str
    parameters: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()


# A line an operation: its name, and the arguments of its class's constructor. One that
# ends with "=" goes to the call, by name. "a>b" is `a`, which Keras calls `b`.
_NUMPY = """
absolute; abs>absolute; add; all axis keepdims; any axis keepdims; amax axis keepdims;
amin axis keepdims; append axis; arccos; arccosh; arcsin; arcsinh; arctan; arctan2;
arctanh; argmax axis keepdims; argmin axis keepdims; argsort axis; average axis;
broadcast_to shape; cbrt; ceil; clip x_min x_max; concatenate axis; copy; cos; cosh;
count_nonzero axis; cross axisa axisb axisc axis; cumprod axis dtype; cumsum axis dtype;
deg2rad; rad2deg; diag k; diagonal offset axis1 axis2; digitize; divide; divide_no_nan;
dot; einsum subscripts; equal; exp; exp2; expand_dims axis; expm1; fabs; flip axis;
fliplr; flipud; floor; floor_divide; fmax; fmin; fmod; full_like dtype; getitem>GetItem;
greater; greater_equal; heaviside; hsplit indices_or_sections; hstack; hypot; inner;
isclose equal_nan; isfinite; isinf; isnan; isneginf; isposinf; kron; less; less_equal;
log; log10; log1p; log2; logaddexp; logaddexp2; logical_and; logical_not; logical_or;
logical_xor; matmul; max axis keepdims initial; maximum; mean axis keepdims;
median axis keepdims; min axis keepdims initial; minimum; mod;
moveaxis source destination; multiply; nan_to_num nan posinf neginf; negative;
not_equal; ones_like dtype; outer; pad pad_width mode constant_values=; power;
prod axis keepdims dtype; ptp axis keepdims; quantile axis method keepdims; ravel;
reciprocal; repeat repeats axis; reshape newshape; roll shift axis; round decimals;
sign; signbit; sin; sinc; sinh; sort axis; split indices_or_sections axis; sqrt; square;
squeeze axis; stack axis; std axis keepdims; subtract; sum axis keepdims;
swapaxes axis1 axis2; take axis; take_along_axis axis; tan; tanh; tensordot axes;
tile repeats; trace offset axis1 axis2; transpose axes; tril k; triu k; true_divide;
trunc; var axis keepdims; vdot; vstack; where; zeros_like dtype
"""
_NN = """
celu alpha; elu alpha; gelu approximate; glu axis; hard_shrink threshold; hard_sigmoid;
hard_silu; hard_swish>hard_silu; hard_tanh; leaky_relu negative_slope; log_sigmoid;
log_softmax axis; normalize axis order epsilon; one_hot num_classes axis dtype sparse;
multi_hot num_classes axis dtype sparse; moments axes keepdims synchronized; relu;
relu6; selu; sigmoid; silu; swish>silu; soft_shrink threshold; softmax axis; softplus;
softsign; sparse_plus; sparse_sigmoid; sparsemax axis; squareplus b; tanh_shrink;
threshold threshold default_value; batch_normalization>BatchNorm axis epsilon;
layer_normalization>LayerNorm axis epsilon rms_scaling; rms_normalization>RMSNorm axis
epsilon; binary_crossentropy from_logits; categorical_crossentropy from_logits axis;
sparse_categorical_crossentropy from_logits axis
"""
_MATH = """
erf; erfc; erfinv; in_top_k>InTopK k; logsumexp axis keepdims; rsqrt;
segment_max num_segments sorted; segment_sum num_segments sorted; top_k k sorted
"""


def _table() -> dict[str, Recorded]:
    table = {}
    places = (
        ("numpy", _NUMPY),
        ("nn", _NN),
        ("math", _MATH),
        ("core", "cast dtype; stop_gradient; unstack num axis"),
        ("linalg", "norm ord axis keepdims"),
    )
    for module, text in places:
        for line in text.split(";"):
            head, *names = line.split()
            ours, _, theirs = head.partition(">")
            theirs = theirs or ours
            if theirs.islower():
                theirs = "".join(map(str.capitalize, theirs.split("_")))
            table[ours] = Recorded(
                f"keras.src.ops.{module}",
                theirs,
                tuple(n for n in names if not n.endswith("=")),
                tuple(n[:-1] for n in names if n.endswith("=")),
            )
    return table


#: The operations by their names here.
RECORDED = _table()
_recorder: list[Callable[..., Any]] = []


def record_with(recorder: Callable[..., Any]) -> None:
    """Says what makes an operation of a model; the layers' room does.

    Args:
        recorder: takes the operation's name, its function, args and kwargs, and gives
            the symbolic outputs; also of names that are not in the table, which files
            do not know.
    """
    _recorder[:] = [recorder]


def recorded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of arrays, which may be given symbols too; see the module."""
    return function if name in _OF_ANY_VALUE else _recordable(name, function)


# What says something about a symbol, or asks for a value.
_OF_ANY_VALUE = frozenset(
    "convert_to_numpy convert_to_tensor custom_gradient dtype is_tensor ndim shape "
    "vectorize".split()
)
# Whose own words are final: an example would show one side, or the one size to fit.
_DECIDED = frozenset(
    "cholesky cholesky_inverse cond det eig eigh inv logdet matrix_rank pinv qr "
    "slogdet solve solve_triangular squeeze svd switch".split()
)


def install(namespace: dict[str, Any]) -> None:
    """Makes the functions in a namespace, and Python's operators, be recorded."""
    for name in namespace["__all__"]:
        if name in namespace:
            namespace[name] = recorded(name, namespace[name])
    operators = {"divide": "true_divide", "abs": "absolute"}  # as Keras reads / and abs
    for name, function in OPERATORS.items():
        public = operators.get(name, name)
        if public in namespace and public in RECORDED:
            OPERATORS[name] = namespace[public]
        elif name in RECORDED:
            OPERATORS[name] = _recordable(name, function)


def _recordable(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def operation(*args: Any, **kwargs: Any) -> Any:
        if active() is None:
            values = (*args, *kwargs.values()) if kwargs else args
            for value in values:  # arrays and numbers are what comes most often
                if isinstance(value, (KerasTensor, list, tuple)):
                    break
            else:
                return function(*args, **kwargs)
            symbols = _symbols(values)
            if symbols:
                return _of_symbols(name, function, args, kwargs, symbols)
        return function(*args, **kwargs)

    return operation


def _of_symbols(
    name: str, function: Callable[..., Any], args: Any, kwargs: Any, symbols: list[Any]
) -> Any:
    # All of a model's own: inputs, and what layers and operations gave.
    own = bool(_recorder) and all(x._keras_history is not None for x in symbols)
    if own and name in RECORDED:
        return _recorder[0](name, function, args, kwargs)
    if not own and not any(isinstance(x, EagerTensor) for x in symbols):
        outputs = _by_example().own_rule(name, args, kwargs)
        if outputs is not None:
            return outputs
    try:
        return function(*args, **kwargs)
    except Exception as error:
        if name in _DECIDED and not isinstance(error, UnsupportedError):
            raise
        if own:
            return _recorder[0](name, function, args, kwargs)
        return _by_example().described(error, function, args, kwargs)


def _by_example() -> Any:
    """Rarely needed, and loaded when it is."""
    return import_module("pronghorn.ops.by_example")


def _symbols(values: Any) -> list[KerasTensor]:
    found = []
    for value in values:
        if isinstance(value, KerasTensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _symbols(value)
    return found
