"""Attention, as `keras.ops` has it."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir.shapes import text
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import tanh, where
from pronghorn.ops.linalg import matmul
from pronghorn.ops.nn import softmax
from pronghorn.ops.repeating import repeat
from pronghorn.ops.structure import fixed, full_shape, transpose

__all__ = ["dot_product_attention"]

_UNSEEN = -0.7 * float(np.finfo(np.float32).max)  # a score: its weight is 0


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """Means of values, weighed by how well their keys fit a query (arXiv 1706.03762).

    Args:
        query: `(n, queries, heads, width)`.
        key: `(n, keys, heads, width)`; with fewer heads, each serves several queries'.
        value: `(n, keys, heads, width)`.
        bias: added to the scores, `(n or 1, heads or 1, queries, keys)`.
        mask: where False, a key does not count; of the same shape.
        scale: the factor of the scores. Default 1 / sqrt(width).
        is_causal: whether query i sees keys up to i only.
        flash_attention: True raises; there is one way to compute it.
        attn_logits_soft_cap: scores are kept within it by tanh.

    Returns:
        `(n, queries, heads, width)`.

    Raises:
        ShapeError: tensors of another rank than 4.
        UnsupportedError: flash attention.
    """
    q, k, v = operands(query, key, value, floating=True)
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ShapeError(
            "Attention takes four axes.",
            where="ops.dot_product_attention",
            expected="shapes (n, length, heads, width)",
            received=", ".join(text(full_shape(t)) for t in (q, k, v)),
        )
    if flash_attention:
        raise UnsupportedError(
            "There is no flash attention on this engine.",
            where="ops.dot_product_attention",
            received="flash_attention=True",
            remedy="leave it out: the result is the same",
        )
    heads, groups = (fixed("dot_product_attention", t, 2) for t in (q, k))
    if heads != groups:
        k, v = (repeat(t, heads // groups, 2) for t in (k, v))
    q, k, v = (transpose(t, (0, 2, 1, 3)) for t in (q, k, v))
    scale = 1 / sqrt(fixed("dot_product_attention", q, 3)) if scale is None else scale
    scores = matmul(q, transpose(k, (0, 1, 3, 2))) * scale
    if attn_logits_soft_cap is not None:
        scores = attn_logits_soft_cap * tanh(scores / attn_logits_soft_cap)
    if bias is not None:
        scores = scores + tensor(bias)
    if is_causal:
        n, m = (fixed("dot_product_attention", scores, i) for i in (2, 3))
        seen = np.tri(n, m) > 0
        scores = where(seen, scores, _UNSEEN)
    if mask is not None:
        scores = where(cast(mask, "bool"), scores, _UNSEEN)
    return transpose(matmul(softmax(scores), v), (0, 2, 1, 3))
