"""Where a table is looked for, and what is said when it is not there or another one."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pronghorn import datasets
from pronghorn.datasets import loading, recipes
from pronghorn.datasets.table import Home, Table
from pronghorn.errors import (
    DownloadError,
    FileFormatError,
    MissingDependencyError,
    UnknownNameError,
)
from tests.datasets.publishing import Publisher

TEXT = b"a,b\n1,None\n-1,?\n2,x\n"
RAW = b"1,None\n-1,?\n2,x"  # as its home has it: no names, no line end at the last row
AT = "owner/name/" + "0" * 40 + "/folder/small.csv"
SMALL = Table(
    name="small",
    rows=3,
    columns=2,
    target="b",
    task="binary",
    source="nobody",
    missing=("?",),
    sha256=hashlib.sha256(TEXT).hexdigest(),
    home=Home(
        "owner/name",
        "0" * 40,
        ("folder/small.csv",),
        (hashlib.sha256(RAW).hexdigest(),),
        changed="names added",
        recipe=recipes.headed("a,b"),
    ),
)


@pytest.fixture
def know(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a small table known, with another home or other fields of its home."""

    def tell(**home: Any) -> None:
        assert SMALL.home is not None
        changed = replace(SMALL, home=replace(SMALL.home, **home))
        monkeypatch.setitem(loading.TABLES, "small", changed)

    tell()
    return tell


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    """Where the small table is kept."""
    return tmp_path / "cache" / "datasets" / "tables" / "small.csv"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that PRONGHORN_DATA names; publisher has been set up before."""
    path = tmp_path / "own"
    path.mkdir()
    monkeypatch.setenv("PRONGHORN_DATA", str(path))
    return path


def is_small(frame: Any) -> bool:
    cells = [[str(cell) for cell in row] for row in frame.to_numpy()]
    names = list(frame.columns) == ["a", "b"]
    return names and cells == [["1", "None"], ["-1", "nan"], ["2", "x"]]


def test_a_table_is_fetched_once(
    publisher: Publisher, know: Any, cached: Path, capsys: Any
) -> None:
    publisher.files[AT] = RAW
    frame = datasets.load("small")
    assert is_small(frame) and str(frame.a.dtype) == "int64"
    assert frame.attrs == {"name": "small", "source": "nobody", "made": False}
    assert cached.read_bytes() == TEXT
    assert [path.name for path in cached.parent.iterdir()] == ["small.csv"]
    assert f"Downloading data from {publisher.address}{AT}" in capsys.readouterr().out
    assert is_small(datasets.load("small", download=False))
    assert publisher.asked == [AT], "what is in the cache is not asked for again"


def test_a_broken_file_in_the_cache_is_fetched_again(
    publisher: Publisher, know: Any, cached: Path
) -> None:
    publisher.files[AT] = RAW
    cached.parent.mkdir(parents=True)
    cached.write_bytes(TEXT[:-4])
    with pytest.raises(DownloadError, match=r"small\.csv is broken; not fetched, for"):
        datasets.load("small", download=False)
    assert is_small(datasets.load("small")) and cached.read_bytes() == TEXT


@pytest.mark.parametrize("content", [RAW + b"\n9,9", RAW[:-3], b""])
@pytest.mark.parametrize("hashes", [None, ()])
def test_what_is_not_the_table_is_not_kept(
    content: bytes, hashes: Any, publisher: Publisher, know: Any, cached: Path
) -> None:
    know(**({} if hashes is None else {"hashes": hashes}))
    publisher.files[AT] = content
    with pytest.raises(FileFormatError, match="expected: incomplete, or another") as e:
        datasets.load("small")
    assert f"{publisher.address}{AT}" in str(e.value) and "try again" in str(e.value)
    assert list(cached.parent.iterdir()) == []


def test_half_a_file_is_not_kept(publisher: Publisher, know: Any, cached: Path) -> None:
    know(hashes=())
    publisher.files[AT] = RAW
    publisher.cut.add(AT)
    with pytest.raises(DownloadError, match="7 bytes"):
        datasets.load("small")
    assert list(cached.parent.iterdir()) == []


def test_what_was_tried_is_said(publisher: Publisher, know: Any, cached: Path) -> None:
    with pytest.raises(DownloadError, match="not on this machine") as caught:
        datasets.load("small")
    said = str(caught.value)
    assert "PRONGHORN_DATA is not set" in said and f"there is no {cached}" in said
    assert f"{publisher.address}{AT}: HTTPError: HTTP Error 404" in said
    assert "small.csv or small.csv.gz (3 rows, 2 columns) in the folder that" in said
    assert f"put the file there; its home is {publisher.address}{AT}" in said
    assert "make_cereal" not in said


def test_offline_says_what_to_do(
    publisher: Publisher, know: Any, folder: Path, monkeypatch: Any
) -> None:
    from pronghorn.datasets import table

    monkeypatch.setattr(table, "ADDRESS", "http://127.0.0.1:1/")
    with pytest.raises(DownloadError, match=r"URLError[\s\S]*put the file there") as e:
        datasets.load("small")
    assert f"no such file in {folder}" in str(e.value)
    with pytest.raises(DownloadError, match=r"datasets\.make_cereal\(\) makes"):
        datasets.load("cereal")
    assert publisher.asked == []


def test_a_table_that_cannot_be_made_again_is_not_fetched(publisher: Publisher) -> None:
    with pytest.raises(DownloadError, match="cannot be redone surely: the ten numbers"):
        datasets.load("covertype")
    assert publisher.asked == []


def test_a_cache_that_cannot_be_written(
    publisher: Publisher, know: Any, cached: Path, tmp_path: Path
) -> None:
    publisher.files[AT] = RAW
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="KERAS_HOME can name a folder") as caught:
        datasets.load("small")
    assert f"{cached.parent}: " in str(caught.value) and publisher.asked == []


def test_of_a_short_commit_the_newest_version_will_do(
    publisher: Publisher, know: Any
) -> None:
    know(commit="0" * 8)
    short, newest = (f"owner/name/{c}/folder/small.csv" for c in ("0" * 8, "HEAD"))
    publisher.files[newest] = RAW
    assert is_small(datasets.load("small"))
    assert publisher.asked == [short, newest]


# --- the user's own folder


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("small.csv", TEXT),
        ("small.csv.gz", gzip.compress(TEXT, mtime=0)),
        ("small.csv", b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n")),
        ("small.csv", TEXT[:-1]),
        ("small.csv", RAW),
    ],
)
def test_the_folder_is_looked_into_first(
    name: str, content: bytes, publisher: Publisher, know: Any, folder: Path
) -> None:
    (folder / name).write_bytes(content)
    assert is_small(datasets.load("small")) and publisher.asked == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("small.csv", TEXT.replace(b"2", b"3"), "not the one that was expected"),
        ("small.csv", b"", "not the one that was expected"),
        ("small.csv.gz", gzip.compress(TEXT, mtime=0)[:-9], "cannot be read whole"),
        ("small.csv.gz", b"no archive", "cannot be read whole"),
    ],
)
def test_another_file_in_the_folder_is_refused(
    name: str, content: bytes, said: str, publisher: Publisher, know: Any, folder: Path
) -> None:
    publisher.files[AT] = RAW
    (folder / name).write_bytes(content)
    with pytest.raises(FileFormatError, match=said) as caught:
        datasets.load("small")
    assert str(folder / name) in str(caught.value) and publisher.asked == []


def test_a_folder_without_the_file_is_passed_by(
    publisher: Publisher, know: Any, folder: Path, monkeypatch: Any
) -> None:
    publisher.files[AT] = RAW
    assert is_small(datasets.load("small"))
    monkeypatch.setenv("PRONGHORN_DATA", str(folder / "nowhere"))
    assert is_small(datasets.load("small")) and publisher.asked == [AT]


# --- archives


def zipped(*names: str, content: bytes = TEXT) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            # Of one date: bytes that hold the time would differ between workers.
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return stream.getvalue()


def test_a_zip_archive_holds_one_table() -> None:
    packed = zipped("folder/small.csv", "read.me", "__MACOSX/small.csv")
    assert recipes.unzipped([packed]) == TEXT
    assert recipes.dated([zipped("a.csv", content=b"d\nx,12/31/2016\r\n")]) == (
        b"d\nx,2016-12-31\n"
    )


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (b"", "BadZipFile"),
        (zipped("a.csv")[:-30], "BadZipFile"),
        (zipped("a.csv")[:40] + b"?" + zipped("a.csv")[41:], "error|BadZipFile"),
        (zipped("a.txt"), "0 .csv files"),
        (zipped("a.csv", "b.csv"), "2 .csv files"),
    ],
    ids=["empty", "cut", "damaged", "no table", "two tables"],
)
def test_other_archives_are_refused(
    packed: bytes, said: str, publisher: Publisher, know: Any, cached: Path
) -> None:
    know(recipe=recipes.unzipped, hashes=())
    publisher.files[AT] = packed
    with pytest.raises(FileFormatError, match=said) as caught:
        datasets.load("small")
    assert "datasets.load('small')" in str(caught.value)
    assert list(cached.parent.iterdir()) == []


def test_an_archive_is_not_unpacked_without_end(monkeypatch: Any) -> None:
    packed = zipped("a.csv", content=b"0" * 5000)
    monkeypatch.setattr(recipes, "MOST", 4999)
    with pytest.raises(FileFormatError, match="more than 4999 bytes"):
        recipes.unzipped([packed])


# --- names and what is needed


def test_unknown_names_are_answered_with_near_ones() -> None:
    for name, near in [
        ("red_wine", "red-wine"),
        ("Titanic", "titanic"),
        ("breast-cancer", r"sklearn/breast_cancer\?"),
        ("wine", r"sklearn/wine\?"),
        ("zzz", "known: abalone, adult"),
        (3, "known: abalone, adult"),
    ]:
        for ask in (datasets.load, datasets.describe):
            with pytest.raises(UnknownNameError, match=near):
                ask(name)  # type: ignore[operator]


def test_without_pandas_the_line_to_install_it(
    publisher: Publisher, know: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    asks: list[Callable[[], Any]] = [
        lambda: datasets.load("small"),
        lambda: datasets.load("sklearn/iris"),
        datasets.make_cereal,
    ]
    for ask in asks:
        with pytest.raises(MissingDependencyError, match="pip install pandas"):
            ask()
    assert publisher.asked == [], "nothing is fetched for nothing"
    assert datasets.describe("small").rows == 3


def test_without_scikit_learn_the_line_to_install_it(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingDependencyError, match="pip install scikit-learn"):
        datasets.load("sklearn/wine")


@pytest.mark.parametrize("name", [n for n in datasets.names() if "/" in n])
def test_tables_of_scikit_learn_need_no_download(
    name: str, publisher: Publisher
) -> None:
    pytest.importorskip("sklearn")
    frame, table = datasets.load(name), datasets.describe(name)
    assert frame.shape == (table.rows, table.columns)
    classes = {"binary": 2, "regression": 214, "sklearn/digits": 10}
    kinds = classes.get(table.task, classes.get(name, 3))
    assert frame[table.target].nunique() == kinds
    assert frame.attrs["source"] == table.source and publisher.asked == []


# --- what is known of the tables


def test_every_table_says_what_a_page_needs() -> None:
    assert datasets.names() == list(loading.TABLES) and len(datasets.names()) == 34
    for name in datasets.names():
        table = datasets.describe(name)
        assert table.name == name and table.source and table.licence
        assert table.task in ("regression", "binary", "multiclass")
        assert table.rows > 50 and table.columns > 4
        text = str(table)
        assert text.startswith(f"{name}: {table.rows} rows, {table.columns} columns")
        assert all(quirk in text for quirk in (*table.quirks, *table.giveaways))
        assert (table.home is None) == name.startswith("sklearn/")
        assert (len(table.sha256) == 64) == (table.home is not None)


def test_every_home_is_public_and_fixed() -> None:
    for name in datasets.names():
        home = datasets.describe(name).home
        if home is None:
            continue
        assert all(a.startswith("https://") for a in home.addresses())
        assert len(home.commit) in (8, 40) and int(home.commit, 16)
        assert len(home.hashes) in (0, len(home.paths))
        assert all(len(h) == 64 and int(h, 16) for h in home.hashes)
        assert bool(home.changed) == (
            home.recipe not in (recipes.as_is, recipes.unzipped)
        )
