"""What the tests of the report share: the course's browser."""

from ..learn.conftest import chromium

__all__ = ["chromium"]
