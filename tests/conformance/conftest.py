"""`--live`: compare with real Keras, run beside us, not with the recorded values.

Keras runs in a process of its own: this interpreter where it can import Keras, or
the one named by PRONGHORN_KERAS_PYTHON.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import live


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; it is known where pytest is started on this folder."""
    parser.addoption(
        "--live", action="store_true", help="run real Keras beside Pronghorn"
    )


def is_live(config: pytest.Config) -> bool:
    """Whether real Keras is to be run."""
    return bool(config.getoption("--live", default=False))


@pytest.fixture(scope="session")
def keras_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter that has Keras; without --live the test is left out."""
    if not is_live(request.config):
        pytest.skip("needs real Keras: python -m pytest tests/conformance --live")
    return live.interpreter()


@pytest.fixture(scope="session")
def expected(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[live.Expected]:
    """What Keras gives for a case: recorded, or from a run of Keras just now."""
    if not is_live(request.config):
        yield live.Expected()
        return
    found = live.Expected(tmp_path_factory.mktemp("keras"), live.interpreter())
    yield found
    found.close()
