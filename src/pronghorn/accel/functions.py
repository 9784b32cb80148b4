"""TensorFlow's functions that are operations of ours under another name.

One line each: where TensorFlow has it, our operation, and TensorFlow's parameters in
their order, `theirs:ours` where ours has another name, `=` where the default differs.
Operations are looked up when they are called.
"""

from __future__ import annotations

from typing import Any

from pronghorn import activations, ops
from pronghorn.accel.eager import followed, shown
from pronghorn.accel.refusal import absence
from pronghorn.errors import UnsupportedError

__all__ = ["Function", "functions"]

_REDUCE = "input_tensor:x axis keepdims"
_PAIR = "x:x1 y:x2"

_TABLE = f"""
abs                   abs            x
add                   add            {_PAIR}
argmax                argmax         input:x axis=0
argmin                argmin         input:x axis=0
argsort               argsort        values:x axis
broadcast_to          broadcast_to   input:x shape
cast                  cast           x dtype
clip_by_value         clip           t:x clip_value_min:x_min clip_value_max:x_max
concat                concatenate    values:xs axis
cos                   cos            x
cumsum                cumsum         x axis=0
divide                divide         {_PAIR}
einsum                einsum         equation:subscripts *
equal                 equal          {_PAIR}
exp                   exp            x
expand_dims           expand_dims    input:x axis
floor                 floor          x
greater               greater        {_PAIR}
greater_equal         greater_equal  {_PAIR}
less                  less           {_PAIR}
less_equal            less_equal     {_PAIR}
logical_and           logical_and    {_PAIR}
logical_not           logical_not    x
logical_or            logical_or     {_PAIR}
maximum               maximum        {_PAIR}
minimum               minimum        {_PAIR}
multiply              multiply       {_PAIR}
negative              negative       x
not_equal             not_equal      {_PAIR}
ones_like             ones_like      input:x dtype
pow                   power          {_PAIR}
reduce_all            all            {_REDUCE}
reduce_any            any            {_REDUCE}
reduce_logsumexp      logsumexp      {_REDUCE}
reduce_max            max            {_REDUCE}
reduce_mean           mean           {_REDUCE}
reduce_min            min            {_REDUCE}
reduce_prod           prod           {_REDUCE}
reduce_sum            sum            {_REDUCE}
repeat                repeat         input:x repeats axis
reshape               reshape        tensor:x shape:newshape
reverse               flip           tensor:x axis
round                 round          x
sigmoid               sigmoid        x
sign                  sign           x
sin                   sin            x
sort                  sort           values:x axis
sqrt                  sqrt           x
square                square         x
squeeze               squeeze        input:x axis
stack                 stack          values:x axis
stop_gradient         stop_gradient  input:variable
subtract              subtract       {_PAIR}
tan                   tan            x
tanh                  tanh           x
tensordot             tensordot      a:x1 b:x2 axes
tile                  tile           input:x multiples:repeats
transpose             transpose      a:x perm:axes
truediv               divide         {_PAIR}
zeros_like            zeros_like     input:x dtype

math.acos             arccos         x
math.asin             arcsin         x
math.atan             arctan         x
math.atan2            arctan2        y:x1 x:x2
math.ceil             ceil           x
math.cosh             cosh           x
math.count_nonzero    count_nonzero  input:x axis
math.cumprod          cumprod        x axis=0
math.divide_no_nan    divide_no_nan  {_PAIR}
math.erf              erf            x
math.expm1            expm1          x
math.floordiv         floor_divide   {_PAIR}
math.floormod         mod            {_PAIR}
math.is_finite        isfinite       x
math.is_inf           isinf          x
math.is_nan           isnan          x
math.log              log            x
math.log1p            log1p          x
math.log_sigmoid      log_sigmoid    x
math.logical_xor      logical_xor    {_PAIR}
math.mod              mod            {_PAIR}
math.reciprocal       reciprocal     x
math.reduce_std       std            {_REDUCE}
math.reduce_variance  var            {_REDUCE}
math.rsqrt            rsqrt          x
math.sinh             sinh           x
math.softplus         softplus       features:x
math.unsorted_segment_sum  segment_sum  data segment_ids num_segments

linalg.det            det            input:x
linalg.diag           diag           diagonal:x
linalg.inv            inv            input:x
linalg.solve          solve          matrix:a rhs:b
linalg.trace          trace          x

nn.bias_add           add            value:x1 bias:x2
nn.embedding_lookup   take           params:x ids:indices axis=0
nn.l2_normalize       normalize      x axis
nn.in_top_k           in_top_k       targets predictions k
nn.leaky_relu         leaky_relu     features:x alpha:negative_slope
nn.moments            moments        x axes _shift keepdims
nn.log_sigmoid        log_sigmoid    x
"""

# Those that `tf.math` has too, as far as they stand in the table.
_ALSO_MATH = """
abs add argmax argmin cos cumsum divide equal exp floor greater greater_equal less
less_equal logical_and logical_not logical_or maximum minimum multiply negative
not_equal pow reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min
reduce_prod reduce_sum round sigmoid sign sin sqrt square subtract tan tanh truediv
"""
# `tf.nn`'s activations are Keras's, and files know them by that name.
_ACTIVATIONS = """
elu gelu log_softmax relu relu6 selu sigmoid silu softmax softplus softsign swish tanh
"""


class Function:
    """A function of TensorFlow, by an operation of ours.

    Args:
        symbol: its name, as scripts write it.
        operation: in `pronghorn.ops`.
        parameters: see the table.

    Example:

    >>> Function("tf.reduce_sum", "sum", _REDUCE.split())([[1.0, 2.0]], axis=1).numpy()
    array([3.], dtype=float32)
    """

    def __init__(self, symbol: str, operation: str, parameters: list[str]) -> None:
        self.__name__ = symbol.rpartition(".")[2]
        self.__doc__ = f"`{symbol}`, computed by `ops.{operation}`."
        self._symbol = symbol
        self._operation = operation
        self._theirs: list[str] = []
        self._ours: dict[str, str] = {}
        self._defaults: dict[str, Any] = {}
        for parameter in parameters:
            name, _, default = parameter.partition("=")
            theirs, _, ours = name.partition(":")
            self._theirs.append(theirs)
            self._ours[theirs] = ours or theirs
            if default:
                self._defaults[ours or theirs] = int(default)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Computes; `name=` is for TensorFlow's graphs and says nothing here."""
        operation = getattr(ops, self._operation, None)
        if operation is None:
            raise absence(self._symbol)
        if "*" in self._ours:
            return shown(operation(*map(followed, args)))
        kwargs.pop("name", None)
        theirs = dict(zip(self._theirs, args)) | kwargs
        given = {n: v for n, v in theirs.items() if v is not None}
        unknown = [n for n in given if n not in self._ours or n.startswith("_")]
        if unknown or len(args) > len(self._theirs):
            raise UnsupportedError(
                f"{self._symbol} does not take this argument here.",
                where=f"{self._symbol}({', '.join(unknown)})",
                expected=", ".join(n for n in self._theirs if not n.startswith("_")),
                remedy="write it with other functions of tf.math",
            )
        ours = {self._ours[n]: followed(v) for n, v in given.items()}
        return shown(operation(**{**self._defaults, **ours}))

    def __repr__(self) -> str:
        return f"<function {self._symbol}>"


def functions() -> dict[str, dict[str, Any]]:
    """All of them: by module below `tf`, by name.

    >>> sorted(functions())
    ['', 'linalg', 'math', 'nn']
    """
    found: dict[str, dict[str, Any]] = {"": {}, "math": {}, "linalg": {}, "nn": {}}
    for line in filter(None, _TABLE.splitlines()):
        path, operation, *parameters = line.split()
        module, _, name = path.rpartition(".")
        found[module][name] = Function(f"tf.{path}", operation, parameters)
    for name in _ALSO_MATH.split():
        found["math"][name] = found[""][name]
    for name in _ACTIVATIONS.split():
        found["nn"][name] = getattr(activations, name)
    return found
