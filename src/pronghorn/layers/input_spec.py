"""What a layer takes."""

from __future__ import annotations

from collections.abc import Sequence

from pronghorn.errors import ShapeError

__all__ = ["InputSpec"]


class InputSpec:
    """What a layer takes: rank, and sizes along axes.

    Args:
        ndim: the exact number of axes.
        min_ndim, max_ndim: bounds for it.
        axes: {axis: size}.
        shape: the whole shape, with None where any size will do.
        dtype: for information.
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int] | None = None,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(shape) if shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(k): v for k, v in (axes or {}).items()}
        if self.shape is not None:
            self.axes = {i: d for i, d in enumerate(self.shape) if d is not None}

    def check(self, shape: tuple[int | None, ...], where: str) -> None:
        """Raises a ShapeError unless an input of this shape fits."""
        rank = len(shape)
        problem = None
        if self.ndim is not None and rank != self.ndim:
            problem = f"{self.ndim} axes, the first of them the rows"
        elif self.min_ndim is not None and rank < self.min_ndim:
            problem = f"at least {self.min_ndim} axes, the first of them the rows"
        elif self.max_ndim is not None and rank > self.max_ndim:
            problem = f"at most {self.max_ndim} axes"
        else:
            for axis, size in self.axes.items():
                there = -rank <= axis < rank
                if size is not None and not (there and shape[axis] in (None, size)):
                    problem = f"{size} features along axis {axis}"
        if problem is not None:
            raise ShapeError(
                "An input does not fit the layer.",
                where=where,
                expected=problem,
                received=f"shape {shape}",
                remedy="reshape the input, or build the layer for this shape",
            )
