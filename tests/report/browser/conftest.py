"""The course's browser."""

from tests.learn.conftest import chromium

__all__ = ["chromium"]
