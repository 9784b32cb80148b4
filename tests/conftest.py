"""Fixtures that all tests share, and the rule that CI leaves nothing out.

A test may be skipped where a machine has no test data (the folder that
`PRONGHORN_DATA` names), no browser, no Keras, no Optuna or no Dask. On CI (`CI=true`)
all are expected, so such a skip fails the run: else a broken set-up would look like a
green one.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSERS = "chromium chromium-browser google-chrome".split()
# Containers have no user namespaces, which the sandbox needs, and little shared memory.
BROWSER_WORDS = ["--no-sandbox", "--disable-dev-shm-usage"]
ALWAYS = ("PRONGHORN_DATA", "no browser", "no optuna", "no dask")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium without a window: what `PRONGHORN_BROWSER` names, or the machine's.

    One for course and report: Playwright does not start a second one beside it.
    """
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no browser: Playwright is not installed"
    )
    named = [os.environ.get("PRONGHORN_BROWSER"), *map(shutil.which, BROWSERS)]
    found = next(filter(None, named), None)
    if found is None:
        pytest.skip("no browser: PRONGHORN_BROWSER names no Chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=BROWSER_WORDS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A client of two processes of Dask on this machine."""
    distributed = pytest.importorskip("distributed", reason="no dask")
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
        ) as made,
        distributed.Client(made) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real tables that `PRONGHORN_DATA` names."""
    named = os.environ.get("PRONGHORN_DATA", "")
    if not named:
        pytest.skip("PRONGHORN_DATA names no folder of test data")
    return Path(named)


def is_left_out(reason: str, live: bool) -> bool:
    """Whether a skip for `reason` is one that CI may not have.

    Keras is expected only where the live comparison was asked for.
    """
    return any(each in reason for each in ALWAYS) or ("Keras" in reason and live)


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test, or a whole file, was skipped."""
    where = report.longrepr
    return str(where[2]) if isinstance(where, tuple) else str(where)


class NothingLeftOut:
    """Collects skips that CI may not have, and fails the session for them."""

    def __init__(self, live: bool) -> None:
        self.live = live
        self.found: list[str] = []

    def look(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Keep the report where it is such a skip."""
        if report.skipped and is_left_out(reason_of(report), self.live):
            self.found.append(f"{report.nodeid}: {reason_of(report)}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test was run or skipped."""
        self.look(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file was read or skipped."""
        self.look(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a green session red where something was left out."""
        if self.found and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Say what was left out."""
        for line in self.found:
            terminalreporter.write_line(f"CI may not leave this out: {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """On CI, watch the skips; in xdist the controller sees all of them."""
    if os.environ.get("CI") == "true" and not hasattr(config, "workerinput"):
        live = bool(config.getoption("--live", default=False))
        config.pluginmanager.register(NothingLeftOut(live))
