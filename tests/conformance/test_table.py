"""Every case of the table, compared with Keras."""

from __future__ import annotations

import pytest

import pronghorn
from tests.conformance.cases import load_all
from tests.conformance.case import Case, has
from tests.conformance.compare import failures
from tests.conformance.live import Expected
from tests.conformance.store import normalise

CASES = [
    case
    for case in load_all().values()
    if all(has(pronghorn, name) for name in case.needs)
]


@pytest.fixture(autouse=True)
def fresh_names() -> None:
    """Default names count from the start, as in a new session of Keras."""
    pronghorn.utils.clear_session()
    pronghorn.utils.set_random_seed(0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_agrees_with_keras(case: Case, expected: Expected) -> None:
    """The case gives the same, within its tolerance."""
    found = failures(case, expected.of(case), normalise(case.run(pronghorn)))
    assert not found, "\n".join(
        f"{d.path}: differs by {d.size:.3g}, may by {d.limit:.3g} {d.note}"
        for d in found
    )
