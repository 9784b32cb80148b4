"""How the published file of a set becomes the table: bytes in, bytes of a CSV out.

A table is UTF-8 with commas, one line of names, and a line feed at each line's end. Its
SHA-256 is known, so a recipe need not doubt what it is given: of another file it makes
another table, which is then refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from pronghorn.errors import FileFormatError

__all__ = [
    "Recipe",
    "adult",
    "as_is",
    "dated",
    "headed",
    "renamed",
    "spelt_out",
    "tidy",
    "unnumbered",
    "unzipped",
]

Recipe = Callable[[list[bytes]], bytes]

MOST = 64 << 20  # bytes that a packed table may have; the largest has 17 million
_DATE = re.compile(rb",(\d{1,2})/(\d{1,2})/(\d{4})$", re.MULTILINE)


def tidy(content: bytes) -> bytes:
    r"""The same table without a byte order mark, with a line feed at each line's end.

    >>> tidy(b"\xef\xbb\xbfa,b\r\n1,2\r3,4")
    b'a,b\n1,2\n3,4\n'
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content if content.endswith(b"\n") else content + b"\n"


def as_is(parts: list[bytes]) -> bytes:
    r"""One file, its line ends apart.

    >>> as_is([b"a,b\r\n1,2"])
    b'a,b\n1,2\n'
    """
    return tidy(parts[0])


def headed(names: str) -> Recipe:
    r"""Files of rows alone get the line of names.

    >>> headed("a,b")([b"1,2\n3,4"])
    b'a,b\n1,2\n3,4\n'
    """
    return lambda parts: names.encode() + b"\n" + tidy(parts[0])


def renamed(**names: str) -> Recipe:
    r"""Words of the first line are replaced.

    >>> renamed(category="type")([b"name,category\nx,category"])
    b'name,type\nx,category\n'
    """

    def recipe(parts: list[bytes]) -> bytes:
        first, _, rest = tidy(parts[0]).partition(b"\n")
        found = (names.get(word, word) for word in first.decode("latin-1").split(","))
        return ",".join(found).encode("latin-1") + b"\n" + rest

    return recipe


def spelt_out(names: str, **words: str) -> Recipe:
    r"""The line of names, and words for the letters of the last column.

    >>> spelt_out("x,class", g="good")([b"1,g\n2,b"])
    b'x,class\n1,good\n2,b\n'
    """
    letters = {short.encode(): long.encode() for short, long in words.items()}

    def recipe(parts: list[bytes]) -> bytes:
        lines = [names.encode()]
        for line in tidy(parts[0]).splitlines():
            values, comma, letter = line.rpartition(b",")
            lines.append(values + comma + letters.get(letter, letter))
        return b"\n".join(lines) + b"\n"

    return recipe


def unnumbered(parts: list[bytes]) -> bytes:
    r"""Without the first column, the rows' numbers, and without quotation marks.

    >>> unnumbered([b'"","a"\n"1","x"\n'])
    b'a\nx\n'
    """
    lines = tidy(parts[0].replace(b'"', b"")).splitlines()
    return b"".join(line.partition(b",")[2] + b"\n" for line in lines)


def unzipped(parts: list[bytes]) -> bytes:
    """The one CSV file of a zip archive.

    Raises:
        FileFormatError: it is no such archive, is broken, or holds far too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(parts[0])) as archive:
            names = [name for name in archive.namelist() if _is_table(name)]
            content = b""
            if len(names) == 1:
                with archive.open(names[0]) as member:
                    content = member.read(MOST + 1)
    except Exception as error:
        # Broken archives raise errors of many kinds, and so do locked ones.
        raise _no_archive(f"{type(error).__name__}: {error}") from None
    if len(names) != 1:
        raise _no_archive(f"an archive with {len(names)} .csv files")
    if len(content) > MOST:
        raise _no_archive(f"a file of more than {MOST} bytes")
    return tidy(content)


def _is_table(name: str) -> bool:
    return name.endswith(".csv") and not name.startswith("__MACOSX/")


def _no_archive(received: str) -> FileFormatError:
    return FileFormatError(
        "The archive is not the one that was expected: incomplete, or another.",
        expected="a zip archive with one .csv file",
        received=received,
        remedy="try again; if it stays so, do not use the file",
    )


def dated(parts: list[bytes]) -> bytes:
    r"""Unzipped; dates at the ends of lines from month/day/year to year-month-day.

    >>> _DATE.sub(_iso, b"x,7/1/2015")
    b'x,2015-07-01'
    """
    return _DATE.sub(_iso, unzipped(parts))


def _iso(found: re.Match[bytes]) -> bytes:
    month, day, year = map(int, found.groups())
    return b",%04d-%02d-%02d" % (year, month, day)


def adult(names: str) -> Recipe:
    r"""The census's two files under one line of names: no spaces, no `?`, no last dot.

    >>> adult("a,b")([b"1, ?, <=50K\n", b"2, x, >50K.\n"])
    b'a,b\n1,,<=50K\n2,x,>50K\n'
    """

    def recipe(parts: list[bytes]) -> bytes:
        lines = [names.encode()]
        for line in b"".join(map(tidy, parts)).splitlines():
            cells = [cell.strip() for cell in line.split(b",")]
            if len(cells) > 1:  # UCI's test file begins with a line of words
                cells[-1] = cells[-1].removesuffix(b".")
                lines.append(b",".join(b"" if c == b"?" else c for c in cells))
        return b"\n".join(lines) + b"\n"

    return recipe
