"""Texts that are dates: how a column spells them, and what time they mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

__all__ = ["date_format", "days_of", "parse_date", "parse_dates"]

FIRST_DAY = date(1970, 1, 1).toordinal()
DAY = 86_400 * 10**6  # microseconds
FORMATS = (
    "iso",
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)


def date_format(texts: Sequence[str]) -> str | None:
    """The first known format that fits all `texts`, or None.

    >>> date_format(["2015-07-01", "2016-02-29"])
    'iso'
    >>> date_format(["07/31/2015", "12/01/2015"])
    '%m/%d/%Y'
    """
    if not texts or not all(t[:1].isdigit() and len(t) >= 8 for t in texts[:50]):
        return None
    for spelling in FORMATS:
        if all(parse_date(text, spelling) is not None for text in texts):
            return spelling
    return None


def parse_date(text: str, spelling: str) -> float | None:
    """Days since 1 January 1970, or None where `text` is spelt otherwise.

    >>> parse_date("1970-01-02 12:00", "iso")
    1.5
    """
    try:
        if spelling != "iso":
            moment = datetime.strptime(text, spelling)
        elif text[4:5] == "-":
            moment = datetime.fromisoformat(text)
        else:
            return None
    except ValueError:
        return None
    return days_of(moment)


def days_of(moment: date) -> float:
    """Days since 1 January 1970 in UTC; a time without a zone is taken for UTC.

    >>> from datetime import datetime
    >>> days_of(datetime(1970, 1, 2, 12))
    1.5
    """
    days = moment.toordinal() - FIRST_DAY
    if not isinstance(moment, datetime):
        return float(days)
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    parts = (days * 86400 + seconds) * 10**6 + moment.microsecond
    offset = moment.utcoffset()
    if offset is not None:
        parts -= offset // timedelta(microseconds=1)
    return parts / DAY


def parse_dates(texts: Sequence[str], spelling: str) -> np.ndarray:
    """Days since 1 January 1970, float64; NaN where a text is no such date."""
    days = [parse_date(text, spelling) for text in texts]
    return np.array([np.nan if day is None else day for day in days], np.float64)
