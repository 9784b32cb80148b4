"""`Drawing`: a picture as a value, which notebooks show and files keep."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from pronghorn.errors import UnsupportedError
from pronghorn.saving.archive import atomic_write

__all__ = ["Drawing"]


@dataclass(frozen=True)
class Drawing:
    """A picture in SVG. Jupyter and marimo show it where a cell ends with it.

    Its ink is the page's colour of text, so that it is legible on light and dark pages.
    Two CSS variables of the page change the colours of weights: `--pronghorn-positive`
    and `--pronghorn-negative`.

    Attributes:
        svg: the picture, as text.
        title: what it shows.
        description: the picture in words, as a screen reader says it.

    Example:

    >>> from pronghorn.utils import draw_unit
    >>> draw_unit(weights=[2.5], bias=90, inputs=["sugars"])
    Drawing('A linear unit: y = 2.5 × sugars + 90')
    """

    svg: str = field(repr=False)
    title: str
    description: str = field(repr=False)

    def __repr__(self) -> str:
        return f"Drawing({self.title!r})"

    def __str__(self) -> str:
        return self.svg

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture into a file.

        Args:
            path: a name ending in `.svg`; a file of that name is replaced.

        Raises:
            UnsupportedError: another ending.
        """
        name = os.fspath(path)
        if not name.lower().endswith(".svg"):
            raise UnsupportedError(
                "Drawings are written as SVG.",
                where=f"Drawing.save({name!r})",
                expected="a name ending in .svg",
                received=os.path.basename(name),
                remedy="write an .svg, which browsers print and other programs "
                "convert; utils.plot_model writes layer graphs as .png",
            )
        atomic_write(name, self.svg.encode(), overwrite=True)
