"""What the subscripts of an einsum say, with each axis by a letter."""

from __future__ import annotations

from collections.abc import Sequence

from pronghorn.errors import ShapeError
from pronghorn.ir.shapes import Shape, text

__all__ = ["spelled_out"]

_LETTERS = "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba"  # likely ones last


def spelled_out(subscripts: str, shapes: Sequence[Shape]) -> tuple[list[str], str]:
    """The terms and the result's, by NumPy's rules, with letters for "...".

    Args:
        subscripts: "...ij,jk->...ik"; without an arrow the result has the axes of
            "...", then the letters that come once, sorted.
        shapes: one for each term.

    Raises:
        ShapeError: another number of terms, or of axes in one of them; a letter of the
            result that no term has, or that comes twice.

    Example:

    >>> spelled_out("...j,j", [(2, 3), (3,)])
    (['Zj', 'j'], 'Z')
    """
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(shapes):
        raise _wrong(subscripts, f"{len(terms)} tensors", f"{len(shapes)}")
    known = set(subscripts)
    free = [c for c in _LETTERS if c not in known]
    longest = ""
    for i, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        more = len(shape) - len(term.replace("...", ""))
        if more < 0 or (more and "..." not in term):
            raise _wrong(subscripts, f"axes as in {term!r}", text(shape))
        letters = "".join(reversed(free[:more]))
        longest = max(longest, letters, key=len)
        terms[i] = term.replace("...", letters)
    if not arrow:
        once = [c for c in sorted(set(inputs) - set(".,")) if inputs.count(c) == 1]
        output = longest + "".join(once)
    output = output.replace("...", longest)
    if len(set(output)) != len(output) or not set(output) <= set("".join(terms)):
        raise _wrong(subscripts, "each letter of a term once in the result", output)
    return terms, output


def _wrong(subscripts: str, expected: str, received: str) -> ShapeError:
    return ShapeError(
        "The terms of an einsum do not fit.",
        where=f"ops.einsum({subscripts!r})",
        expected=expected,
        received=received,
    )
