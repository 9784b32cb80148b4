"""Tables larger than memory: every row once an epoch, shuffled, in bounded memory."""

from __future__ import annotations

import errno
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.data import buckets, reader, sql
from pronghorn.data.files import find_files
from pronghorn.data.infer import infer_columns
from pronghorn.data.scan import open_scan
from pronghorn.data.schema import ColumnSchema
from pronghorn.errors import ArgumentError, DataError, StateError
from pronghorn.ir import rng
from pronghorn.tabular import Progress, TableStream
from pronghorn.tabular.stream_making import HELD

ROWS = 3000
DRAWS = np.random.default_rng(8)
A = DRAWS.normal(size=ROWS)
B = DRAWS.normal(size=ROWS)
COLOR = DRAWS.choice(["red", "green", "blue", ""], size=ROWS)
LABEL = np.where(A + (COLOR == "red") + DRAWS.normal(size=ROWS) / 2 > 0, "yes", "no")


def csv(path: Path, columns: dict[str, Sequence[Any]]) -> Path:
    lines = [
        ",".join(columns),
        *(",".join(map(str, r)) for r in zip(*columns.values())),
    ]
    text = "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def mixed(path: Path, rows: Any = slice(None)) -> Path:
    number = np.arange(ROWS)[rows]
    columns = {"a": A[rows], "row": number * 1.5, "color": COLOR[rows]}
    return csv(path, {**columns, "label": LABEL[rows]})


def plain(path: Path, rows: Any = slice(None)) -> Path:
    return csv(path, {"a": A[rows], "b": B[rows], "y": (2 * A - B)[rows]})


def stream(paths: Any, target: str, folder: Path, **options: Any) -> TableStream:
    return TableStream(
        paths, target, cache_dir=folder / "kept", **{"block_bytes": 4096, **options}
    )


def every_row(found: TableStream) -> dict[str, np.ndarray]:
    """All training rows, in the order of the blocks."""
    parts: dict[str, list[np.ndarray]] = {
        "y": [],
        "weight": [],
        "numbers": [],
        "ids": [],
    }
    for i in range(len(found.counts)):
        x, y, weight = found.read(i, i % 2)
        x = x if isinstance(x, dict) else {"numbers": x}
        for name, array in {**x, "y": y, "weight": weight}.items():
            if array is not None:
                parts[name].append(array.copy())
    return {name: np.concatenate(p) for name, p in parts.items() if p}


def linear(rate: float = 0.05) -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(2,))])
    model.compile(keras.optimizers.Adam(rate), loss="mse")
    return model


# --- rows


def test_every_row_once_encoded_as_the_host_does(tmp_path: Path) -> None:
    with stream(mixed(tmp_path / "t.csv"), "label", tmp_path) as found:
        rows = every_row(found)
        assert found.rows == ROWS and len(found.counts) > 10
        order = np.argsort(rows["numbers"][:, 1])
        numbers = rows["numbers"][order, 1]
        assert (numbers == np.arange(ROWS) * np.float32(1.5)).all()
        table = {"a": A, "row": np.arange(ROWS) * 1.5, "color": COLOR}
        text = [value or None for value in COLOR]
        wanted = found.host.encode({**table, "color": np.array(text, object)})
        np.testing.assert_array_equal(rows["ids"][order], wanted.ids)
        np.testing.assert_array_equal(rows["numbers"][order], wanted.numbers)
        labels = np.array(["no", "yes"])[rows["y"][order]]
        assert labels.tolist() == LABEL.tolist()
        assert found.target.labels.tolist() == ["no", "yes"]


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_many_files_are_one_table(kind: str, tmp_path: Path) -> None:
    for i in range(3):
        part = mixed(tmp_path / f"part-{i}.csv", slice(1000 * i, 1000 * i + 1000))
        if kind == "csv.gz":
            part.with_suffix(".csv.gz").write_bytes(gzip.compress(part.read_bytes()))
        if kind == "parquet":
            types = {"a": "DOUBLE", "row": "DOUBLE", "color": "VARCHAR"}
            types["label"] = "VARCHAR"
            reader.write_parquet(part, types, part.with_suffix(".parquet"))
    whole = stream(mixed(tmp_path / "t.csv"), "label", tmp_path)
    parts = stream(str(tmp_path / f"part-*.{kind}"), "label", tmp_path)
    one, many = every_row(whole), every_row(parts)
    assert whole.schema.columns == parts.schema.columns
    for name, array in one.items():
        np.testing.assert_array_equal(array, many[name])


def test_numbers_are_standardized_and_decoded(tmp_path: Path) -> None:
    found = stream(plain(tmp_path / "t.csv"), "y", tmp_path)
    rows = every_row(found)
    y = 2 * A - B
    assert abs(rows["y"].mean()) < 1e-6 and abs(rows["y"].std() - 1) < 1e-6
    there = np.argsort(rows["numbers"][:, 0])
    decoded = found.target.decode(rows["y"][there, None])
    np.testing.assert_allclose(decoded, y[np.argsort(A.astype("float32"))], rtol=1e-5)
    assert found.schema.target.low == y.min() and found.schema.target.high == y.max()


def test_rows_without_a_target_are_left_out(tmp_path: Path) -> None:
    y = np.where(np.arange(ROWS) % 3 == 0, "", np.round(A, 6).astype(str))
    path = csv(tmp_path / "t.csv", {"a": A, "b": B, "y": y})
    found = stream(path, "y", tmp_path)
    assert found.rows == 2000 and found.schema.rows["training"] == 2000
    x = every_row(found)["numbers"][:, 0]
    assert set(x.tolist()) == set(A[np.arange(ROWS) % 3 > 0].astype("float32").tolist())


def test_weights_are_a_column_and_no_feature(tmp_path: Path) -> None:
    weights = np.arange(ROWS) / ROWS
    path = csv(tmp_path / "t.csv", {"a": A, "w": weights, "y": B})
    found = stream(path, "y", tmp_path, weight="w")
    rows = every_row(found)
    assert sorted(rows["weight"].tolist()) == weights.astype("float32").tolist()
    assert rows["numbers"].shape == (ROWS, 1)
    assert found.schema.column("w").reason == "the weights"
    assert found.totals == pytest.approx([weights.sum()], rel=1e-6)
    found = stream(path, "y", tmp_path)
    assert every_row(found)["numbers"].shape == (ROWS, 2)


def test_missing_and_unseen_levels(tmp_path: Path) -> None:
    color = np.array(COLOR, object)
    held = np.flatnonzero(_held(0.2))
    color[held[:40]] = "violet"  # in no training row
    color[np.flatnonzero(~_held(0.2))[:2]] = "pink"  # in fewer than three
    columns = {"a": A, "color": color, "y": LABEL}
    found = stream(csv(tmp_path / "t.csv", columns), "y", tmp_path, validation=0.2)
    assert found.schema.column("color").categories[-1] == "pink"
    ids = every_row(found)["ids"][:, 0]
    assert sorted(set(ids.tolist())) == [0, 1, 2, 3, 4] and (ids == 1).sum() == 2
    assert found.validation_data is not None
    x, _ = found.validation_data
    assert (x["ids"] == 1).sum() == 40


def _held(part: float) -> np.ndarray:
    drawn = rng.hashes(0, 0, HELD, np.arange(ROWS))
    return np.asarray(drawn < round(part * 2**32))


# --- the held out rows


def test_held_out_rows_are_drawn_by_number(tmp_path: Path) -> None:
    path = mixed(tmp_path / "t.csv")
    found = stream(path, "label", tmp_path, validation=0.2)
    assert found.validation_data is not None
    x, y = found.validation_data
    held = np.flatnonzero(_held(0.2))
    assert sorted((x["numbers"][:, 1] / 1.5).tolist()) == held.tolist()
    assert len(y) == len(held) and found.rows == ROWS - len(held)
    assert stream(path, "label", tmp_path).validation_data is None
    few = stream(path, "label", tmp_path, validation=0.2, validation_rows=50)
    assert few.validation_data is not None and 20 < len(few.validation_data[1]) < 90


def test_their_values_change_nothing_else(tmp_path: Path) -> None:
    color, held = np.array(COLOR, object), _held(0.2)
    columns = {"a": A, "b": B, "color": color, "y": LABEL}
    one = stream(csv(tmp_path / "t.csv", columns), "y", tmp_path, validation=0.2)
    color = np.where(held, "white", color)
    columns = {"a": np.where(held, 1e6, A), "b": B, "color": color, "y": LABEL}
    two = stream(csv(tmp_path / "u.csv", columns), "y", tmp_path, validation=0.2)
    assert one.schema == two.schema
    for first, second in zip(every_row(one).values(), every_row(two).values()):
        np.testing.assert_array_equal(first, second)


# --- what is known of the columns


def test_chunks_hold_rows_in_the_order_of_the_file(tmp_path: Path) -> None:
    path, rows = tmp_path / "t.parquet", 30_000
    columns = ", ".join(f"i + {k} AS c{k}" for k in range(20))
    with sql.duckdb_module().connect() as connection:
        connection.execute(
            f"COPY (SELECT {columns}, i % 2 AS y FROM range({rows}) AS t(i)) "
            f"TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"
        )
    found = open_scan(find_files(path), tmp_path, target="y")
    found.enumerate_texts("y", ("0", "1"))
    names = [*(f"c{k}" for k in range(20)), "y"]
    for _ in range(4):
        (chunk,) = found.chunks(names)
        for k in range(20):
            values = chunk.table.columns[f"c{k}"].values  # type: ignore[union-attr]
            assert (values == np.arange(rows) + k).all()
    found.close()


@pytest.mark.parametrize(
    ("name", "target"), [("adult.csv.gz", "income"), ("titanic.csv", "Survived")]
)
def test_same_schema_as_in_memory(name: str, target: str, tmp_path: Path) -> None:
    path = _real(name)
    found = TableStream(path, target, cache_dir=tmp_path)
    table = reader.read_table(path, as_text=[target])
    columns = infer_columns(table, np.arange(table.rows), target)
    assert [_exact(c) for c in found.schema.columns] == [_exact(c) for c in columns]
    for one, two in zip(found.schema.columns, columns, strict=True):
        assert one.distinct == pytest.approx(two.distinct, rel=0.15)


def _real(name: str) -> Path:
    import os

    folder = os.environ.get("PRONGHORN_DATA")
    if folder is None or not (Path(folder) / name).exists():
        pytest.skip("the table is not here: PRONGHORN_DATA")
    return Path(folder) / name


def _exact(column: ColumnSchema) -> tuple[Any, ...]:
    """All but the encoder, and the number of different numbers, which is about so."""
    told = {**vars(column), "encoder": None, "distinct": None}
    return tuple(v for k, v in told.items() if not k.startswith("_"))


def test_kinds_of_columns(tmp_path: Path) -> None:
    number = np.arange(ROWS)
    columns = {
        "id": number + 1,
        "customer_id": DRAWS.permutation(ROWS) * 7,
        "name": [f"n{i}" for i in number],
        "flag": number % 2,
        "day": [f"2026-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in number],
        "same": ["x"] * ROWS,
        "a": A,
        "y": B,
    }
    found = stream(csv(tmp_path / "t.csv", columns), "y", tmp_path)
    kinds = {c.name: c.kind for c in found.schema.columns}
    assert kinds == {
        "id": "identifier",
        "customer_id": "identifier",
        "name": "identifier",
        "flag": "boolean",
        "day": "date",
        "same": "constant",
        "a": "numeric",
    }
    rows = every_row(found)
    assert sorted(set(rows["ids"][:, 0].tolist())) == [2, 3]
    wanted = found.host.encode({k: np.array(v) for k, v in columns.items()})
    assert rows["numbers"].shape == wanted.numbers.shape
    np.testing.assert_allclose(
        np.sort(rows["numbers"], axis=0), np.sort(wanted.numbers, axis=0)
    )
    used = stream(tmp_path / "t.csv", "y", tmp_path, features=["customer_id", "a"])
    assert [c.name for c in used.schema.used] == ["customer_id", "a"]


def test_dates_by_type_as_dates_by_text(tmp_path: Path) -> None:
    number = np.arange(ROWS)
    days = np.datetime64("2025-03-01") + number % 400
    path = csv(tmp_path / "t.csv", {"day": days, "b": B, "y": B})
    path.write_text(path.read_text().replace("2025-03-05", ""))
    one = stream(path, "y", tmp_path)
    types = {"day": "DATE", "b": "DOUBLE", "y": "DOUBLE"}
    reader.write_parquet(path, types, tmp_path / "t.parquet")
    two = stream(tmp_path / "t.parquet", "y", tmp_path)
    for first, second in zip(every_row(one).values(), every_row(two).values()):
        np.testing.assert_array_equal(first, second)
    assert one.schema.column("day").kind == two.schema.column("day").kind == "date"
    coded = stream(
        tmp_path / "t.parquet", "y", tmp_path, missing={"day": ["2025-03-06"]}
    )
    gone = [np.isnan(every_row(s)["numbers"]).sum() for s in (two, coded)]
    assert 0 < gone[0] < gone[1]


def test_codes_for_missing(tmp_path: Path) -> None:
    a = np.where(np.arange(ROWS) % 4 == 0, -99, A)
    path = csv(tmp_path / "t.csv", {"a": a, "b": B, "y": B})
    found = stream(path, "y", tmp_path, missing={"a": ["-99"]})
    assert np.isnan(every_row(found)["numbers"]).sum(axis=0).tolist() == [750, 0]
    types = dict.fromkeys(("a", "b", "y"), "DOUBLE")
    reader.write_parquet(path, types, tmp_path / "t.parquet")
    found = stream(tmp_path / "t.parquet", "y", tmp_path, missing={"*": ["-99"]})
    assert np.isnan(every_row(found)["numbers"]).sum(axis=0).tolist() == [750, 0]


# --- the shuffle


def test_a_sorted_file_is_learned_like_a_shuffled_one(tmp_path: Path) -> None:
    order = np.argsort(LABEL, kind="stable")
    path = mixed(tmp_path / "t.csv", order)
    found = stream(path, "label", tmp_path, features=["a", "color"])
    rows = every_row(found)
    x = {name: rows[name] for name in ("numbers", "ids")}

    def trained(*data: Any) -> list[float]:
        keras.utils.set_random_seed(5)
        numbers = keras.Input((1,), name="numbers")
        ids = keras.Input((1,), dtype="int32", name="ids")
        color = keras.layers.Flatten()(keras.layers.Embedding(5, 2)(ids))
        both = keras.layers.Concatenate()([numbers, color])
        hidden = keras.layers.Dense(16, activation="relu")(both)
        net = keras.Model([numbers, ids], keras.layers.Dense(2)(hidden))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        net.compile(keras.optimizers.Adam(0.01), loss)
        net.fit(*data, batch_size=32, epochs=5, verbose=0)
        return net.evaluate(x, rows["y"], verbose=0)

    memory, streamed = trained(x, rows["y"]), trained(found)
    assert streamed == pytest.approx(memory, rel=0.02)
    assert found.displacement == pytest.approx(1 / 3, abs=0.02)


def test_displacement_is_measured(tmp_path: Path) -> None:
    found = stream(plain(tmp_path / "t.csv"), "y", tmp_path)
    assert found.displacement is None
    linear().fit(found, epochs=1, batch_size=64, verbose=0, shuffle=False)
    rows = every_row(found)["numbers"][:, 0]
    at = {value: i for i, value in enumerate(A.astype("float32").tolist())}
    moved = [abs(at[v] - i) / ROWS for i, v in enumerate(rows.tolist())]
    assert found.displacement == pytest.approx(np.mean(moved), rel=1e-9)


def test_few_rows_are_followed_through_large_tables(
    monkeypatch: Any, tmp_path: Path
) -> None:
    from pronghorn.tabular import stream_making

    monkeypatch.setattr(stream_making, "FOLLOWED_ROWS", 400)
    found = stream(plain(tmp_path / "t.csv"), "y", tmp_path)
    linear().fit(found, epochs=1, verbose=0)
    assert 300 < found._followed_rows < 500
    assert found.displacement == pytest.approx(1 / 3, abs=0.05)


# --- memory and disk


def test_two_blocks_are_in_memory(tmp_path: Path) -> None:
    found = stream(plain(tmp_path / "t.csv"), "y", tmp_path)
    linear().fit(found, epochs=2, batch_size=64, verbose=0)
    row = 2 * 4 + 4
    assert found.held == 2 * max(found.counts) * row < 2 * 4096 * 1.5
    assert sum(found.counts) == ROWS


def test_prepared_once_for_the_same_files_and_options(tmp_path: Path) -> None:
    path, told = plain(tmp_path / "t.csv"), []
    stream(path, "y", tmp_path, progress=told.append)
    assert told and isinstance(told[-1], Progress)
    assert told[-1].done == told[-1].total == ROWS and "rows/s" in str(told[-1])
    again: list[Progress] = []
    stream(path, "y", tmp_path, progress=again.append)
    assert not again
    stream(path, "y", tmp_path, progress=again.append, seed=1)
    plain(path, slice(0, 2000))
    stream(path, "y", tmp_path, progress=again.append)
    assert [p.done for p in again if p.rate] == [ROWS, 2000]
    assert [p.done for p in again if not p.rate] == [0, 0]  # where each began


def test_a_folder_for_temporary_files_is_deleted(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with TableStream(plain(tmp_path / "t.csv"), "y") as found:
        assert found.folder.parent == tmp_path and found.folder.exists()
        other = TableStream(tmp_path / "t.csv", "y")  # not into the same folder
        assert other.folder != found.folder
        np.testing.assert_array_equal(*(every_row(s)["y"] for s in (found, other)))
        other.close()
    assert not found.folder.exists() and not other.folder.exists()


def test_one_process_prepares(tmp_path: Path) -> None:
    from pronghorn.data.locks import FolderLock

    path = plain(tmp_path / "t.csv")
    folder = stream(path, "y", tmp_path).folder
    lock = FolderLock(folder)
    with pytest.raises(StateError, match="Another process prepares"):
        stream(path, "y", tmp_path)
    lock.release()
    assert stream(path, "y", tmp_path).rows == ROWS


def test_a_full_disk(tmp_path: Path, monkeypatch: Any) -> None:
    path = plain(tmp_path / "t.csv")
    usage = buckets.shutil.disk_usage(tmp_path)._replace(free=1000)
    with monkeypatch.context() as patch:
        patch.setattr(buckets.shutil, "disk_usage", lambda folder: usage)
        with pytest.raises(DataError, match="The disk is too small"):
            stream(path, "y", tmp_path)

    def full(file: Any, rows: np.ndarray) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(buckets, "_write", full)
        with pytest.raises(DataError, match="The disk is full"):
            stream(path, "y", tmp_path)
    assert stream(path, "y", tmp_path).rows == ROWS


def test_damaged_rows_are_refused(tmp_path: Path) -> None:
    found = stream(plain(tmp_path / "t.csv"), "y", tmp_path)
    bucket = next(found.folder.glob("00003.numbers"))
    bucket.write_bytes(bucket.read_bytes()[:-4])
    with pytest.raises(DataError, match="rows are damaged"):
        linear().fit(found, verbose=0)


# --- mistakes


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    path = plain(tmp_path / "t.csv")
    with pytest.raises(DataError, match="does not exist"):
        stream(tmp_path / "u.csv", "y", tmp_path)
    with pytest.raises(DataError, match="No file matches"):
        stream(str(tmp_path / "u*.csv"), "y", tmp_path)
    with pytest.raises(DataError, match="No file is given"):
        stream([], "y", tmp_path)
    other = csv(tmp_path / "u.csv", {"a": A, "c": B, "y": B})
    with pytest.raises(DataError, match=r"lacks 'b' and also has 'c', unlike .*t\.csv"):
        stream([path, other], "y", tmp_path)
    reader.write_parquet(
        path, dict.fromkeys(("a", "b", "y"), "DOUBLE"), tmp_path / "t.parquet"
    )
    with pytest.raises(DataError, match="of one kind"):
        find_files([path, tmp_path / "t.parquet"])
    turned = csv(tmp_path / "v.csv", {"y": B, "a": A, "b": B})  # in another order
    assert stream([path, turned], "y", tmp_path).rows == 2 * ROWS
    (tmp_path / "empty.csv").write_text("a,y\n")
    with pytest.raises(DataError, match="has no rows"):
        stream(tmp_path / "empty.csv", "y", tmp_path)
    broken = tmp_path / "broken.csv"
    broken.write_text("a,y\n1,2\n1,2,3\n")
    with pytest.raises(DataError, match="3 values in line 3"):
        stream(broken, "y", tmp_path)


def test_columns_and_values_that_do_not_fit(tmp_path: Path) -> None:
    path = plain(tmp_path / "t.csv")
    with pytest.raises(DataError, match="no column named 'z'"):
        stream(path, "z", tmp_path)
    with pytest.raises(ArgumentError, match="'z'"):
        stream(path, "y", tmp_path, drop=["z"])
    with pytest.raises(ArgumentError, match="of weights"):
        stream(path, "y", tmp_path, weight="z")
    with pytest.raises(ArgumentError, match="no task"):
        stream(path, "y", tmp_path, task="clustering")
    with pytest.raises(ArgumentError, match="out of range"):
        stream(path, "y", tmp_path, validation=1.0)
    infinite = csv(tmp_path / "i.csv", {"a": [*A[1:], "inf"], "b": B, "y": B})
    with pytest.raises(DataError, match=r"infinite number[\s\S]*row 3000"):
        stream(infinite, "y", tmp_path)
    constant = csv(tmp_path / "c.csv", {"a": A, "y": [1] * ROWS})
    with pytest.raises(DataError, match="is constant"):
        stream(constant, "y", tmp_path)
    text = csv(tmp_path / "x.csv", {"a": A, "y": LABEL})
    with pytest.raises(DataError, match="holds text"):
        stream(text, "y", tmp_path, task="regression")
    negative = csv(tmp_path / "n.csv", {"a": A, "w": A, "y": B})
    with pytest.raises(DataError, match="missing or negative"):
        stream(negative, "y", tmp_path, weight="w")
    named = csv(tmp_path / "f.csv", {"filename": A, "y": B})
    with pytest.raises(DataError, match="needed to number the rows"):
        stream(named, "y", tmp_path)


def test_a_net_that_does_not_know_missing_values_says_so(tmp_path: Path) -> None:
    a = np.where(np.arange(ROWS) == 7, "", A.astype(str))
    found = stream(csv(tmp_path / "t.csv", {"a": a, "b": B, "y": B}), "y", tmp_path)
    with pytest.raises(DataError, match=r"block \d+ of .*t\.csv"):
        linear().fit(found, verbose=0)
