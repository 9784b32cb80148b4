"""Our side of a comparison."""

from __future__ import annotations

from functools import cache

import pronghorn
from pronghorn.naming import reset_names
from tests.conformance.case import Case, Results, has
from tests.conformance.cases import load_all
from tests.conformance.store import normalise


def ours(case: Case) -> Results:
    """What Pronghorn gives; default names count from the start, as in a new session."""
    reset_names()
    pronghorn.utils.set_random_seed(0)
    return normalise(case.run(pronghorn))


@cache
def known(name: str) -> Results:
    """What Pronghorn gives for a case of the table, run once in this process."""
    return ours(load_all()[name])


def is_offered(case: Case) -> bool:
    """Whether Pronghorn has all that the case needs."""
    return all(has(pronghorn, name) for name in case.needs)
