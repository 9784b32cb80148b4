"""Files into columns: numbers, text, what is missing, and what is wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from pronghorn.data import reader
from pronghorn.data.raw import NumberColumn, RawColumn, TextColumn, text_column
from pronghorn.data.reader import EVERY_COLUMN, read_table
from pronghorn.errors import DataError


def write(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def numbers(column: RawColumn) -> list[float]:
    assert isinstance(column, NumberColumn)
    return column.values.tolist()


def texts(path: Path, name: str, **options: object) -> list[str]:
    return read_table(path, **options).column(name).text()  # type: ignore[arg-type]


def test_numbers_and_text_are_told_apart(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "n,t,m\n1,a,1\n2.5,b,x\n-3e2,c,3\n"))
    assert table.rows == 3
    assert isinstance(table.column("n"), NumberColumn)
    assert numbers(table.column("n")) == [1, 2.5, -300]
    assert isinstance(table.column("t"), TextColumn)
    assert table.column("m").text() == ["1", "x", "3"]


@pytest.mark.parametrize("spelling", ["", "NA", "NULL", "?", " ", "  NA ", "NaN"])
def test_what_means_missing(tmp_path: Path, spelling: str) -> None:
    path = write(tmp_path, f"n,t\n1,a\n{spelling},{spelling}\n3,b\n")
    table = read_table(path)
    for name in ("n", "t"):
        assert table.column(name).missing.tolist() == [False, True, False]
    assert table.column("t").text() == ["a", "", "b"]


def test_none_is_a_category(tmp_path: Path) -> None:
    path = write(tmp_path, "t,u\nNone,1\nBrick,2\n")
    assert not read_table(path).column("t").missing.any()


def test_blanks_around_a_text_do_not_make_another(tmp_path: Path) -> None:
    assert texts(write(tmp_path, "t,u\nWD ,1\nWD,2\n"), "t") == ["WD", "WD"]


def test_codes_for_missing(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,y\n-1,-1.0,-1\n2,-9,2\n")
    table = read_table(path, missing={EVERY_COLUMN: ["-1"], "b": ["-9"]}, keep=["y"])
    assert table.column("a").missing.tolist() == [True, False]
    assert table.column("b").missing.tolist() == [True, True]
    assert table.column("y").missing.tolist() == [False, False]


def test_a_code_of_text_leaves_a_column_of_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,x\n-,y\n3,z\n")
    assert isinstance(read_table(path).column("a"), TextColumn)
    table = read_table(path, missing={"a": ["-"]})
    assert isinstance(table.column("a"), NumberColumn)


def test_a_code_for_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'c'"):
        read_table(write(tmp_path, "a,b\n1,2\n"), missing={"c": ["-1"]})


def test_codes_with_leading_zeros_stay_text(tmp_path: Path) -> None:
    assert texts(write(tmp_path, "zip,u\n00501,1\n10001,2\n"), "zip") == [
        "00501",
        "10001",
    ]


def test_a_column_may_be_wanted_as_text(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1.0,1\n2.0,2\n")
    assert texts(path, "a", as_text=["a"]) == ["1.0", "2.0"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, f"a{delimiter}b\n1{delimiter}x y\n")
    assert texts(path, "b") == ["x y"]


@pytest.mark.parametrize(
    "text",
    [
        'a,"b, c"\n1,"x, ""y"""\n',
        '\ufeffa,"b, c"\r\n1,"x, ""y"""\r\n',
        'a,"b, c"\n1,"x, ""y"""',
    ],
)
def test_quotes_line_ends_and_marks(tmp_path: Path, text: str) -> None:
    table = read_table(write(tmp_path, text))
    assert list(table.columns) == ["a", "b, c"]
    assert table.column("b, c").text() == ['x, "y"']
    assert table.column("a").text() == ["1"]


def test_a_name_may_hold_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, '"it\'s ""x""",b\n1,2\n')
    assert list(read_table(path).columns) == ['it\'s "x"', "b"]


def test_one_column_is_a_table(tmp_path: Path) -> None:
    assert texts(write(tmp_path, "sugars\n5\n6\n"), "sugars") == ["5", "6"]


def test_gzip_and_parquet_give_the_same_table(tmp_path: Path) -> None:
    text = "n,b,t,d\n1.5,true,x,2026-01-01\n,false,,2026-01-02\n"
    plain = read_table(write(tmp_path, text))
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    days = pa.array([20454, 20455], pa.int32()).cast(pa.date32())
    columns = {"n": [1.5, None], "b": [True, False], "t": ["x", None], "d": days}
    parquet = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pa.table(columns), parquet)
    for path in (packed, parquet):
        table = read_table(path)
        for name, column in plain.columns.items():
            assert table.column(name).text() == column.text(), name


def test_rows_keep_their_order(tmp_path: Path) -> None:
    shuffled = np.random.default_rng(0).permutation(50_000)
    path = write(tmp_path, "a,b\n" + "".join(f"{n},x{n}\n" for n in shuffled))
    table = read_table(path)
    assert numbers(table.column("a")) == shuffled.tolist()
    assert table.column("b").text() == [f"x{n}" for n in shuffled]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty file"),
        ("a,b\n", "no rows"),
        ("a,b,a\n1,2,3\n", "more than one column named 'a'"),
        ("a,b\n1,2\n3\n", "has 1 value in line 3, where the header has 2"),
        ("a,b\n1,2\n3,4,5\n", "has 3 values in line 3, where the header has 2"),
        ('a,b\n"1\n\n2",2\n\n3,4,5\n', "has 3 values in line 6"),
        ('a,b\n1,"2\n3,4\n', "quotes that do not match.\n  where: line 2"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read_table(write(tmp_path, text))
    assert says in str(caught.value)


def test_no_file_no_table_no_utf8(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_table(tmp_path)


PLAIN = b"a,b\n" + b"1,2\n" * 20_000
KINDS = {
    "latin.csv": ("a,b\nGr\u00fc\u00df,1\n".encode("latin-1"), "save it as UTF-8"),
    "late.csv": (PLAIN + "Gr\u00fc\u00df,1\n".encode("latin-1"), "line 20002 is"),
    "header.csv": ("\u00e4,b\n3,1\n".encode("latin-1"), "is not UTF-8 text"),
    "utf16.csv": ("a,b\n3,1\n".encode("utf-16"), "text in UTF-16"),
    "binary.csv": (bytes(range(256)) * 40, "is not a text file"),
    "late_binary.csv": (PLAIN + bytes(range(256)), "binary data in line 20002"),
    "bad.parquet": (b"PAR1 not so", "damaged Parquet file, or only a part"),
    "bad.csv.gz": (b"\x1f\x8b broken", "damaged gzip file, or only a part"),
    "cut.csv.gz": (gzip.compress(PLAIN)[:-20], "damaged gzip file, or only a part"),
    "m.keras": (b"PK\x03\x04", "is a model's file"),
    "m2.keras": (b"PK\x03\x04", "swap the arguments"),
    "a.zip": (b"PK\x03\x04", "is a zip archive"),
    "a.h5": (b"\x89HDF\r\n", "is an HDF5 file"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_is_told_plainly(tmp_path: Path, name: str) -> None:
    data, says = KINDS[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / name)
    said = str(caught.value)
    assert says in said and "what to do: " in said
    for word in ("CSV Error", "SELECT", "IO Error", "codec", "Invalid Input"):
        assert word not in said


def test_a_cut_parquet_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pa.table({"a": list(range(5000))}), path)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match="damaged Parquet file"):
        read_table(path)


def test_plain_text_may_be_named_gz(tmp_path: Path) -> None:
    assert texts(write(tmp_path, "a,b\n1,2\n", "t.csv.gz"), "b") == ["2"]


def test_an_interrupted_query_is_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(reader, "_columns", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_table(write(tmp_path, "a,b\n1,2\n"))


def test_an_unknown_column_is_named_with_its_like(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="did you mean sugars"):
        read_table(write(tmp_path, "sugars,fiber\n1,2\n")).column("sugar")


def test_text_columns_keep_the_order_of_appearance() -> None:
    column = text_column("t", [None, "b", "a", None, "b"])
    assert column.levels == ("b", "a")
    assert column.codes.tolist() == [-1, 0, 1, -1, 0]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_rows_of_a_large_table_stay_in_order(kind: str, tmp_path: Path) -> None:
    rows = np.arange(300_000)
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b", *(f"{i},x{i}" for i in rows.tolist())]))
    if kind == "parquet":
        reader.write_parquet(path, {"a": "BIGINT", "b": "VARCHAR"}, tmp_path / "t.pq")
        path = tmp_path / "t.pq"
    for _ in range(2):  # where it went wrong, it did so now and then
        table = read_table(path)
        assert numbers(table.column("a")) == rows.tolist()
        assert table.column("b").text() == [f"x{i}" for i in rows.tolist()]
