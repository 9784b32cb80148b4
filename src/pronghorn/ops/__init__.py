"""Operations on tensors: `keras.ops` for dense work.

On arrays they compute at once with NumPy; on symbolic tensors they record the graph.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pronghorn.dtype_policies import CASTS as _CASTS
from pronghorn.errors import closest
from pronghorn.ops import recording as _recording
from pronghorn.ops import tensor as _operators  # noqa: F401  fills the operators
from pronghorn.ops.convert import cast, convert_to_numpy, convert_to_tensor
from pronghorn.ops.elementwise import (
    abs,
    absolute,
    add,
    ceil,
    clip,
    cos,
    cosh,
    divide,
    divide_no_nan,
    equal,
    erf,
    exp,
    exp2,
    expm1,
    floor,
    floor_divide,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    mod,
    multiply,
    negative,
    not_equal,
    power,
    reciprocal,
    round,
    rsqrt,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    stop_gradient,
    subtract,
    tan,
    tanh,
    true_divide,
    where,
)
from pronghorn.ops.indexing import (
    getitem,
    one_hot,
    segment_sum,
    take,
    take_along_axis,
)
from pronghorn.ops.linalg import (
    cdist,
    cross,
    dot,
    einsum,
    inner,
    kron,
    matmul,
    outer,
    tensordot,
    vdot,
)
from pronghorn.ops.nn import (
    batch_normalization,
    binary_crossentropy,
    categorical_crossentropy,
    celu,
    elu,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    in_top_k,
    layer_normalization,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    multi_hot,
    normalize,
    relu,
    relu6,
    rms_normalization,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_categorical_crossentropy,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    swish,
    tanh_shrink,
    threshold,
)
from pronghorn.ops.reduce import (
    all,
    amax,
    amin,
    any,
    argmax,
    argmin,
    count_nonzero,
    cumsum,
    logsumexp,
    max,
    mean,
    min,
    moments,
    norm,
    prod,
    std,
    sum,
    var,
)
from pronghorn.ops.repeating import repeat, tile
from pronghorn.ops.structure import (
    arange,
    broadcast_to,
    concatenate,
    expand_dims,
    eye,
    flip,
    full,
    full_like,
    moveaxis,
    ndim,
    ones,
    ones_like,
    pad,
    ravel,
    reshape,
    shape,
    size,
    split,
    squeeze,
    stack,
    swapaxes,
    transpose,
    zeros,
    zeros_like,
)

if TYPE_CHECKING:
    from pronghorn.ops.axes_in_words import *  # noqa: F403
    from pronghorn.ops.bitwise import *  # noqa: F403
    from pronghorn.ops.building import *  # noqa: F403
    from pronghorn.ops.control import *  # noqa: F403
    from pronghorn.ops.factor import *  # noqa: F403
    from pronghorn.ops.functions import *  # noqa: F403
    from pronghorn.ops.slicing import *  # noqa: F403
    from pronghorn.ops.sorting import *  # noqa: F403
    from pronghorn.ops.statistics import *  # noqa: F403

__all__ = [
    "abs",
    "absolute",
    "add",
    "all",
    "amax",
    "amin",
    "any",
    "arange",
    "argmax",
    "argmin",
    "batch_normalization",
    "binary_crossentropy",
    "broadcast_to",
    "cast",
    "categorical_crossentropy",
    "cdist",
    "ceil",
    "celu",
    "clip",
    "concatenate",
    "convert_to_numpy",
    "convert_to_tensor",
    "cos",
    "cosh",
    "count_nonzero",
    "cross",
    "cumsum",
    "divide",
    "divide_no_nan",
    "dot",
    "einsum",
    "elu",
    "equal",
    "erf",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "flip",
    "floor",
    "floor_divide",
    "full",
    "full_like",
    "gelu",
    "getitem",
    "glu",
    "greater",
    "greater_equal",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "in_top_k",
    "inner",
    "isfinite",
    "isinf",
    "isnan",
    "kron",
    "layer_normalization",
    "leaky_relu",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mish",
    "mod",
    "moments",
    "moveaxis",
    "multi_hot",
    "multiply",
    "ndim",
    "negative",
    "norm",
    "normalize",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "power",
    "prod",
    "ravel",
    "reciprocal",
    "relu",
    "relu6",
    "repeat",
    "reshape",
    "rms_normalization",
    "round",
    "rsqrt",
    "segment_sum",
    "selu",
    "shape",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "size",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "split",
    "sqrt",
    "square",
    "squareplus",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "subtract",
    "sum",
    "swapaxes",
    "swish",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tanh_shrink",
    "tensordot",
    "threshold",
    "tile",
    "transpose",
    "true_divide",
    "var",
    "vdot",
    "where",
    "zeros",
    "zeros_like",
]
# Rarely used; loaded when one of their names is first asked for.
_LATER = {
    "attention": "dot_product_attention",
    "bitwise": """
        bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or
        bitwise_right_shift bitwise_xor left_shift right_shift
    """,
    "building": """
        array bartlett blackman copy diag diagflat diagonal dtype empty
        empty_like geomspace hamming hanning identity is_tensor kaiser linspace
        logspace meshgrid trace tri tril triu vander
    """,
    "control": """
        associative_scan cond custom_gradient fori_loop map scan switch
        vectorize vectorized_map while_loop
    """,
    "factor": """
        cholesky cholesky_inverse det eig eigh fft fft2 ifft2 inv irfft logdet
        lstsq lu_factor matrix_rank pinv qr rfft slogdet solve solve_triangular
        svd
    """,
    "axes_in_words": "rearrange",
    "functions": """
        allclose angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt
        conj conjugate deg2rad erfc erfinv fabs fmax fmin fmod gcd
        heaviside hypot i0 imag isclose isneginf isposinf isreal lcm ldexp
        logaddexp2 nan_to_num nextafter polar rad2deg real saturate_cast signbit
        sinc trunc view_as_complex view_as_real
    """,
    "slicing": """
        append array_split dsplit dstack fliplr flipud get_item hsplit hstack
        roll rot90 scatter scatter_update segment_max segment_min segment_prod
        select slice slice_update unravel_index unstack view vsplit vstack
    """,
    "sorting": """
        argpartition argsort digitize isin nonzero searchsorted sort top_k
        unique
    """,
    "statistics": """
        average bincount corrcoef correlate cumprod diff histogram median
        nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin
        nanpercentile nanprod nanquantile nanstd nansum nanvar percentile psnr
        ptp quantile trapezoid
    """,
}
_HOME = {name: home for home, names in _LATER.items() for name in names.split()}
__all__ += list(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        function = getattr(import_module(f"pronghorn.ops.{_HOME[name]}"), name)
        value = globals()[name] = _recording.recorded(name, function)
        return value
    if name == "numpy":
        return import_module("pronghorn.ops.numpy")
    refused = _absent().refusal(name)
    if refused is not None:
        raise refused
    hint = "" if name.startswith("_") else f": {closest(name, __all__)}"
    raise AttributeError(f"module 'pronghorn.ops' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _absent() -> Any:
    return import_module("pronghorn.ops.absent")


# Between the layers of a functional model they become operations of the model.
_recording.install(globals())
_CASTS[:] = [cast]  # as it is recorded between the layers of a model
