"""What the homes of the tables publish, made again from the tables.

Each is the reverse of a recipe, written by itself. Where a stored copy of a home's
file, at the commit that the table names, could be measured, `LENGTHS` has its length:
the file made again has the same.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile

__all__ = ["LENGTHS", "published"]

LENGTHS = {
    "abalone": 191872,
    "ames": 1284472,
    "bank": 3751312,
    "cereal": 5066,
    "concrete": 44484,
    "credit-default": 2867207,
    "fuel": 91296,
    "german-credit": 133638,
    "heart": 20229,
    "higgs": 3501672,
    "ion": 76466,
    "mpg": 21222,
    "red-wine": 84028,
    "susy": 3423922,
    "white-wine": 264255,
}


def published(name: str, table: bytes) -> list[bytes]:
    """The files of a table's home, of its bytes."""
    first, rest = table.split(b"\n", 1)
    if name in ("abalone", "pima", "red-wine", "white-wine"):
        return [rest[:-1]]
    if name == "ion":
        return [re.sub(rb",(g|b)(?:ood|ad)$", rb",\1", rest[:-1], flags=re.M)]
    if name in ("ames", "concrete"):
        rows = rest.splitlines()
        numbered = [b"%d,%s" % (i, row) for i, row in enumerate(rows, 1)]
        return [b"\n".join([b"rownames," + first, *numbered, b""])]
    if name == "bank":
        return [table.replace(b"\n", b"\r\n")]
    if name == "credit-default":
        return [table[:-1].replace(b"\n", b"\r")]
    if name == "cereal":
        names = first.replace(b"type", b"category").replace(b"rating", b"value")
        return [(names + b"\n" + rest).replace(b"\n", b"\r\n")]
    if name == "spotify":
        return [_zipped("spotify_songs.csv", table)]
    if name == "hotel":
        american = re.sub(rb"(\d{4})-(\d\d)-(\d\d)$", _american, table, flags=re.M)
        return [_zipped("hotel_bookings.csv", american)]
    if name == "adult":
        return _census(rest)
    return [_numbered(table)] if name == "heart" else [table]


def _american(found: re.Match[bytes]) -> bytes:
    year, month, day = map(int, found.groups())
    return b"%d/%d/%d" % (month, day, year)


def _zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def _census(rows: bytes) -> list[bytes]:
    """UCI's two files: a space after a comma, `?` for nothing, dots in the second."""
    lines = [
        b", ".join(cell or b"?" for cell in row.split(b","))
        for row in rows.split(b"\n")
    ][:-1]
    dotted = [line + b"." for line in lines[32561:]]
    test = b"|1x3 Cross validator\n" + b"\n".join(dotted) + b"\n"
    return [b"\n".join(lines[:32561]) + b"\n", test]


def _numbered(table: bytes) -> bytes:
    """As R writes a table: row names, and quotation marks around all text but NA."""
    names, *rows = csv.reader(io.StringIO(table.decode()))
    lines = [",".join(f'"{name}"' for name in ["", *names])]
    for i, row in enumerate(rows, 1):
        cells = [_quoted(cell) for cell in row]
        lines.append(",".join([f'"{i}"', *cells]))
    return "".join(f"{line}\r\n" for line in lines).encode()


def _quoted(cell: str) -> str:
    return cell if cell == "NA" or cell[0].isdigit() else f'"{cell}"'
