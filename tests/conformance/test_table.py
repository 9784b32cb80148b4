"""Every case of the table, compared with Keras."""

from __future__ import annotations

import pytest

from tests.conformance import report
from tests.conformance.case import Case
from tests.conformance.cases import load_all
from tests.conformance.compare import compare
from tests.conformance.departures import DEPARTURES, Departure, unexplained
from tests.conformance.live import Expected
from tests.conformance.ours import is_offered, known

TABLE = load_all()
CASES = [case for case in TABLE.values() if is_offered(case)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_agrees_with_keras(case: Case, expected: Expected) -> None:
    """The case gives the same, within its tolerance."""
    differences = compare(case, expected.of(case), known(case.name))
    found = unexplained(case, differences)
    assert not found, "\n".join(
        f"{d.path}: differs by {d.size:.3g}, may by {d.limit:.3g} {d.note}"
        for d in found
    )


@pytest.mark.parametrize("meant", DEPARTURES, ids=lambda d: f"{d.example} {d.path}")
def test_departures_are_still_there(meant: Departure, expected: Expected) -> None:
    """A departure that no case shows any more is taken off the list."""
    case = TABLE[meant.example]
    differences = compare(case, expected.of(case), known(case.name))
    assert any(not d.accepted and meant.covers(case, d) for d in differences)


def test_the_table_is_whole() -> None:
    """All that the library promises has cases, and few of the rest are left out."""
    assert len(TABLE) > 500
    promised = [case for case in TABLE.values() if not case.needs]
    assert {case.name for case in promised} <= {case.name for case in CASES}


def test_the_page_lists_every_case() -> None:
    """docs/conformance.md was generated since the last case was added."""
    assert report.checked(report.PAGE.read_text()) == []
