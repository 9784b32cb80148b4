"""An `eval_set` of a streamed table: read and encoded as its rows are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.tabular.test_stream import COLOR, LABEL, ROWS, A, csv, mixed, stream

from pronghorn.data import reader, scan
from pronghorn.data.files import find_files
from pronghorn.errors import ArgumentError, DataError
from pronghorn.tabular import (
    Preset,
    TableModel,
    TableStream,
    fit,
    fitting,
    stream_eval,
    stream_fit,
)
from pronghorn.tabular.stream_eval import EvalFiles, EvalTable, encode_eval

SMALL = Preset(members=2, hidden=(16,), epochs=6, batch_size=64, periodic=False)
OPTIONS: dict[str, Any] = {"preset": SMALL, "stream": True}
LEARNED, WATCHED = slice(0, 2200), slice(2200, ROWS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return mixed(tmp_path / "t.csv", LEARNED)


@pytest.fixture
def more(tmp_path: Path) -> Path:
    return mixed(tmp_path / "more.csv", WATCHED)


def frame(rows: Any = WATCHED) -> dict[str, Any]:
    color = np.array([c or None for c in COLOR], object)
    return {"a": A[rows], "row": np.arange(ROWS)[rows] * 1.5, "color": color[rows]}


def parquet(path: Path) -> Path:
    types = {"a": "DOUBLE", "row": "DOUBLE", "color": "VARCHAR", "label": "VARCHAR"}
    reader.write_parquet(path, types, path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def caught(monkeypatch: Any, module: Any) -> list[Any]:
    """(training rows, validation rows, folder of the backup) of each `train`."""
    kept, found = module.train, []

    def train(learned: Any, watched: Any, *given: Any, **named: Any) -> Any:
        backup = named.get("backup") or (None,)
        found.append((learned, watched, backup[0]))
        return kept(learned, watched, *given, **named)

    monkeypatch.setattr(module, "train", train)
    return found


def same(one: TableModel, two: TableModel) -> bool:
    pairs = zip(one.net.get_weights(), two.net.get_weights(), strict=True)
    return one.history == two.history and all(np.array_equal(a, b) for a, b in pairs)


def test_all_its_forms_give_the_same_model(
    path: Path, more: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(scan, "_MOST_ROWS", 300)  # several chunks
    for i, rows in enumerate((slice(2200, 2500), slice(2500, ROWS))):
        mixed(tmp_path / f"half-{i}.csv", rows)
    label = LABEL[WATCHED]
    first = fit(path, "label", eval_set=more, **OPTIONS)
    assert first.schema.rows["training"] == 2200  # none is set aside
    assert first.schema.rows["validation"] == 800
    assert first.validated is not None
    assert first.validated[1].tolist() == list(range(2200, ROWS))
    forms = [
        [str(more)],
        str(tmp_path / "half-*.csv"),
        [tmp_path / "half-0.csv", tmp_path / "half-1.csv"],
        (more, "label"),
        parquet(more),
        {**frame(), "label": label},
        (frame(), label),
        [(frame(), label)],
    ]
    for form in forms:
        assert same(fit(path, "label", eval_set=form, **OPTIONS), first)
    with TableStream(more, "label") as rows:
        assert same(fit(path, "label", eval_set=rows, **OPTIONS), first)


def test_files_are_encoded_as_tables_in_memory(path: Path, tmp_path: Path) -> None:
    color = np.array(COLOR, object)[WATCHED]
    color[:5] = "violet"  # in no training row
    columns = {"label": LABEL[WATCHED], "color": color, "a": A[WATCHED]}
    columns["row"] = np.arange(ROWS)[WATCHED] * 1.5
    columns["a"] = np.where(np.arange(800) % 9 == 0, "", columns["a"].astype(str))
    more = csv(tmp_path / "more.csv", columns)
    rows = stream(path, "label", tmp_path)
    one = encode_eval(EvalFiles(find_files(more), "label"), rows, 0)
    wanted = rows.host.encode(more)
    np.testing.assert_array_equal(one.numbers, wanted.numbers)
    np.testing.assert_array_equal(one.ids, wanted.ids)
    assert np.isnan(one.numbers).sum() == 89 and (one.ids == 1).sum() == 5
    assert one.target.tolist() == (LABEL[WATCHED] == "yes").astype(int).tolist()
    assert one.weight is None
    table = reader.read_table(more)
    two = encode_eval(EvalTable(table, LABEL[WATCHED]), rows, 0)
    np.testing.assert_array_equal(one.numbers, two.numbers)


def test_codes_for_missing_are_those_of_the_rows(path: Path, tmp_path: Path) -> None:
    more = mixed(tmp_path / "more.csv", slice(0, 3))
    rows = stream(path, "label", tmp_path, missing={"row": ["1.5"]})
    found = encode_eval(EvalFiles(find_files(more), "label"), rows, 0)
    assert np.isnan(found.numbers).sum(axis=0).tolist() == [0, 1]
    own = EvalFiles(find_files(more), "label", {"row": ["0", "3"]})
    found = encode_eval(own, rows, 0)
    assert np.isnan(found.numbers).sum(axis=0).tolist() == [0, 2]


def test_it_is_not_learned_from(path: Path, more: Path) -> None:
    other = (frame(), np.where(LABEL[WATCHED] == "yes", "no", "yes"))
    one = fit(path, "label", eval_set=more, **OPTIONS)
    two = fit(path, "label", eval_set=other, **OPTIONS)
    assert one.history["loss"] == two.history["loss"]
    assert one.history["val_error"][-1] < 0.3 < 0.7 < two.history["val_error"][-1]


def test_it_chooses_as_in_memory(path: Path, more: Path) -> None:
    chosen = {"preset": SMALL, "drop": ["row"], "epochs": 20, "eval_set": more}
    whole = fit(path, "label", stream=False, **chosen)
    streamed = fit(path, "label", stream=True, **chosen)
    scores = [m.evaluate(frame(), LABEL[WATCHED]) for m in (whole, streamed)]
    assert scores[1]["log_loss"] == pytest.approx(scores[0]["log_loss"], rel=0.03)
    for model in (whole, streamed):
        assert model.validated is not None
        odds = model.predict_proba(frame())
        np.testing.assert_allclose(model.validated[0], odds, atol=1e-5)


@pytest.mark.parametrize("asked", [None, "balanced", {"yes": 3}])
def test_its_rows_weigh_as_in_memory(
    asked: Any, path: Path, more: Path, monkeypatch: Any
) -> None:
    found = [caught(monkeypatch, module) for module in (fitting, stream_fit)]
    chosen = {"preset": SMALL, "epochs": 1, "eval_set": more, "class_weight": asked}
    for streamed in (False, True):
        fit(path, "label", stream=streamed, **chosen)
    (_, whole, _), (_, streamed, _) = (calls[0] for calls in found)
    np.testing.assert_array_equal(streamed.target, whole.target)
    if asked is None:
        assert streamed.weight is None
    else:
        np.testing.assert_allclose(streamed.weight, whole.weight, rtol=1e-6)


def test_some_rows_of_large_files_are_drawn(
    path: Path, more: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(stream_eval, "MOST_ROWS", 200)
    rows = stream(path, "label", tmp_path)
    given = EvalFiles(find_files(more), "label")
    one, two, other = (encode_eval(given, rows, seed) for seed in (0, 0, 1))
    assert 150 < len(one) < 250
    places = one.numbers[:, 1] / 1.5 - 2200
    assert 300 < places.mean() < 500 and (np.diff(places) > 0).all()
    np.testing.assert_array_equal(one.numbers, two.numbers)
    assert places.tolist() != (other.numbers[:, 1] / 1.5 - 2200).tolist()


def test_numbers(tmp_path: Path) -> None:
    y = 1000 + 50 * A
    path = csv(tmp_path / "t.csv", {"a": A[LEARNED], "y": y[LEARNED]})
    more = csv(tmp_path / "more.csv", {"a": A[WATCHED], "y": y[WATCHED]})
    one = fit(path, "y", eval_set=more, **OPTIONS)
    two = fit(path, "y", eval_set=({"a": A[WATCHED]}, y[WATCHED]), **OPTIONS)
    assert same(one, two) and one.history["val_rmse"][-1] < 0.5


def test_labels_that_are_numbers(tmp_path: Path) -> None:
    label = (A > 0).astype(int)
    path = csv(tmp_path / "t.csv", {"a": A[LEARNED], "y": label[LEARNED]})
    more = csv(tmp_path / "more.csv", {"a": A[WATCHED], "y": label[WATCHED] * 1.0})
    model = fit(path, "y", eval_set=more, **OPTIONS)
    assert model.history["val_error"][-1] < 0.1


def test_rows_without_a_target_are_left_out(path: Path, tmp_path: Path) -> None:
    label = np.where(np.arange(800) % 4 == 0, "", LABEL[WATCHED])
    columns = {"a": A[WATCHED], "row": np.arange(800), "color": COLOR[WATCHED]}
    more = csv(tmp_path / "more.csv", {**columns, "label": label})
    model = fit(path, "label", eval_set=more, **OPTIONS)
    assert model.schema.rows["validation"] == 600
    more = csv(tmp_path / "none.csv", {**columns, "label": [""] * 800})
    with pytest.raises(DataError, match=r"No row(.|\n)*fit\(eval_set=\)"):
        fit(path, "label", eval_set=more, **OPTIONS)


def test_what_is_wrong_with_it_is_said_to_be_there(path: Path, tmp_path: Path) -> None:
    def refused(error: Any, words: str, eval_set: Any, **options: Any) -> None:
        with pytest.raises(error, match=words) as found:
            fit(path, "label", eval_set=eval_set, **{**OPTIONS, **options})
        assert "fit(eval_set=)" in str(found.value)

    label = LABEL[WATCHED].astype(object)
    label[[7, 700]] = "new"
    columns = {"a": A[WATCHED], "row": np.arange(800), "color": COLOR[WATCHED]}
    named = csv(tmp_path / "named.csv", {**columns, "label": label})
    refused(DataError, r"does not know(.|\n)*row 8 (.|\n)*'new'", named)
    refused(DataError, "does not know(.|\n)*'new'", (frame(), label))
    bare = csv(tmp_path / "bare.csv", columns)
    refused(DataError, "label", bare)
    short = csv(tmp_path / "short.csv", {"a": A, "label": LABEL})
    refused(DataError, "lacks 2 column", short)
    refused(DataError, "lacks 2 column", ({"a": A}, LABEL))
    word = csv(
        tmp_path / "word.csv", {**columns, "a": ["x"] * 800, "label": LABEL[:800]}
    )
    refused(DataError, "'a'", word)
    refused(DataError, "no such file|No file|does not exist", tmp_path / "gone.csv")
    refused(ArgumentError, "one table and its target", (frame(),))


def test_streams_that_are_none_are_refused(path: Path, tmp_path: Path) -> None:
    for options in (
        {"target": "label", "validation": 0.2},
        {"target": "label", "weight": "row"},
        {"target": "color"},
    ):
        rows = TableStream(path, **options)  # type: ignore[arg-type]
        with rows, pytest.raises(ArgumentError, match="no eval_set"):
            fit(path, "label", eval_set=rows, **OPTIONS)


def test_a_training_goes_on_only_with_the_same_rows(
    path: Path, more: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    found = caught(monkeypatch, stream_fit)
    label = LABEL[WATCHED]
    other = np.where(np.arange(800) == 5, "yes", label)
    for options in (
        {"eval_set": more},
        {"eval_set": (frame(), label)},
        {"eval_set": (frame(), other)},
        {"eval_set": more, "class_weight": {"yes": 2}},
    ):
        every: dict[str, Any] = {**options, **OPTIONS}
        fit(path, "label", cache_dir=tmp_path / "kept", **every)
    one, two, *others = (backup for _, _, backup in found)
    assert one == two and len({one, *others}) == 3
    assert not list((tmp_path / "kept").rglob("eval-*"))
