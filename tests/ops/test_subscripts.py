"""What the subscripts of an einsum say."""

from __future__ import annotations

from typing import Any

import pytest

from pronghorn.errors import ShapeError
from pronghorn.ops.subscripts import spelled_out


@pytest.mark.parametrize(
    ("subscripts", "shapes", "expected"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)], (["ij", "jk"], "ik")),
        ("ij,jk", [(2, 3), (3, 4)], (["ij", "jk"], "ik")),
        ("ba", [(2, 3)], (["ba"], "ab")),
        (" ...i , i -> ... ", [(2, 3, 4), (4,)], (["YZi", "i"], "YZ")),
        ("...i,...i->...i", [(2, 3, 4), (3, 4)], (["YZi", "Zi"], "YZi")),
        ("i...->...", [(4,)], (["i"], "")),
        ("Zi...,...k", [(2, 3, 4), (4, 5)], (["ZiY", "Yk"], "YZik")),
        ("ii", [(3, 3)], (["ii"], "")),
        (",ij", [(), (2, 3)], (["", "ij"], "ij")),
    ],
)
def test_each_axis_gets_a_letter(subscripts: str, shapes: Any, expected: Any) -> None:
    assert spelled_out(subscripts, shapes) == expected


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij", [(2, 3), (3,)]),
        ("ijk", [(2, 3)]),
        ("i", [(2, 3)]),
        ("ij->ii", [(2, 3)]),
        ("ij->k", [(2, 3)]),
    ],
)
def test_what_does_not_fit_is_named(subscripts: str, shapes: Any) -> None:
    with pytest.raises(ShapeError, match="terms of an einsum") as caught:
        spelled_out(subscripts, shapes)
    assert subscripts in str(caught.value)
