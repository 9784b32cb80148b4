"""`fit` on files: read whole, or streamed, and going on after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.tabular.test_stream import COLOR, LABEL, ROWS, A, B, csv, mixed

from pronghorn.callbacks import LambdaCallback
from pronghorn.data import scan
from pronghorn.errors import ArgumentError, DataError
from pronghorn.tabular import (
    Preset,
    Progress,
    TableModel,
    TableStream,
    fit,
    fitting,
    stream_backup,
    stream_fit,
)

SMALL = Preset(members=2, hidden=(16,), epochs=4, batch_size=64, periodic=False)


def frame(rows: Any = slice(None)) -> dict[str, Any]:
    color = np.array([c or None for c in COLOR], object)
    return {"a": A[rows], "row": np.arange(ROWS)[rows] * 1.5, "color": color[rows]}


def small_blocks(monkeypatch: Any) -> None:
    """Several chunks, and several blocks."""
    monkeypatch.setattr(scan, "_MOST_ROWS", 700)
    kept = TableStream.__init__

    def made(self: Any, *given: Any, **named: Any) -> None:
        kept(self, *given, **{**named, "block_bytes": 8192})

    monkeypatch.setattr(TableStream, "__init__", made)


def test_streamed_like_in_memory(tmp_path: Path, monkeypatch: Any) -> None:
    small_blocks(monkeypatch)
    order = np.argsort(LABEL, kind="stable")  # sorted by the class
    path = mixed(tmp_path / "t.csv", order)
    told: list[Progress] = []
    chosen = {"preset": SMALL, "drop": ["row"], "epochs": 20}
    streamed = fit(path, "label", stream=True, progress=told.append, **chosen)
    whole = fit(path, "label", **chosen)
    scores = [m.evaluate(frame(), LABEL) for m in (whole, streamed)]
    assert scores[1]["log_loss"] == pytest.approx(scores[0]["log_loss"], rel=0.02)
    assert streamed.classes.tolist() == ["no", "yes"]
    assert streamed.history["loss"][-1] < streamed.history["loss"][0]
    assert len(streamed.history["val_error"]) == len(streamed.history["loss"]) == 20
    assert next(p.stage for p in told if p.done == p.total) == "shuffled"
    assert any("trained on in epoch 20 of 20" in str(p) for p in told)
    rows = streamed.schema.rows
    assert rows["training"] + rows["validation"] == rows["read"] == ROWS
    assert 500 < rows["validation"] < 700
    streamed.save(tmp_path / "m.keras")
    again = TableModel.load(tmp_path / "m.keras")
    predicted = streamed.predict_proba(frame())
    np.testing.assert_array_equal(again.predict_proba(frame()), predicted)


def test_numbers_in_the_units_of_the_table(tmp_path: Path) -> None:
    path = csv(tmp_path / "t.csv", {"a": A, "b": B, "y": 1000 + 50 * (A - B)})
    model = fit(path, "y", stream=True, preset=SMALL, epochs=40)
    assert model.evaluate({"a": A, "b": B}, 1000 + 50 * (A - B))["r2"] > 0.97


def test_small_files_are_read_whole(tmp_path: Path, monkeypatch: Any) -> None:
    for i in range(2):
        mixed(tmp_path / f"part-{i}.csv", slice(1500 * i, 1500 * i + 1500))
    mixed(tmp_path / "t.csv")
    monkeypatch.setattr("pronghorn.tabular.fitting.TableStream", None)
    one = fit(tmp_path / "t.csv", "label", preset=SMALL)
    many = fit(str(tmp_path / "part-*.csv"), "label", preset=SMALL)
    listed = [tmp_path / "part-0.csv", tmp_path / "part-1.csv"]
    listed_too = fit(listed, "label", preset=SMALL)
    wanted = one.predict_proba(frame())
    for model in (many, listed_too):
        np.testing.assert_array_equal(model.predict_proba(frame()), wanted)


def test_large_files_are_streamed(tmp_path: Path, monkeypatch: Any) -> None:
    path = mixed(tmp_path / "t.csv")
    monkeypatch.setattr(stream_fit, "LARGE", 1000)
    told: list[Progress] = []
    fit(path, "label", preset=SMALL, progress=told.append)
    assert told
    told.clear()
    fit(path, "label", preset=SMALL, progress=told.append, stream=False)
    assert not told


def test_few_passes_over_many_rows(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(stream_fit, "ROWS_SEEN", 8000)
    path = mixed(tmp_path / "t.csv")
    options = {"stream": True, "hidden": (8,), "validation": 0.0}
    model = fit(path, "label", preset="fast", **options)
    assert len(model.history["loss"]) == 2
    model = fit(path, "label", preset="fast", epochs=3, **options)
    assert len(model.history["loss"]) == 3


def test_what_does_not_go_with_it(tmp_path: Path) -> None:
    path = mixed(tmp_path / "t.csv")
    with pytest.raises(ArgumentError, match="Only files can be streamed"):
        fit(frame(), LABEL, stream=True)
    with pytest.raises(ArgumentError, match="Only files can be streamed"):
        fit(path, LABEL, stream=True)
    for options in (
        {"sample_weight": A},
        {"class_weight": "even"},
        {"folds": 4},
        {"preset": "best", "folds": 4},
        {"preset": replace(SMALL, folds=4)},
    ):
        with pytest.raises(ArgumentError, match=r"weight|fit\(folds=\)"):
            fit(path, "label", stream=True, **options)  # type: ignore[arg-type]


def test_members_of_best_share_one_part_to_validate_by(tmp_path: Path) -> None:
    path = mixed(tmp_path / "t.csv")
    small: dict[str, Any] = {"hidden": (8,), "epochs": 3, "stream": True}
    model = fit(path, "label", preset="best", **small)
    rows = model.schema.rows
    assert 500 < rows["validation"] < 700
    assert rows["training"] + rows["validation"] == ROWS
    assert len(model.best) == 16 and model.validated is not None
    assert len(model.validated[0]) == rows["validation"]
    more = (frame(), LABEL)  # one part for all members, in memory too
    model = fit(path, "label", preset="best", folds=4, eval_set=more, **small)
    assert model.schema.rows["validation"] == model.schema.rows["training"] == ROWS


@pytest.mark.parametrize("crash", [1, 6, 10])
def test_goes_on_to_the_same_bits(crash: int, tmp_path: Path, monkeypatch: Any) -> None:
    small_blocks(monkeypatch)
    path = mixed(tmp_path / "t.csv")
    kept = stream_backup.StreamBackup._save
    saved: list[tuple[int, int]] = []

    monkeypatch.setattr("pronghorn.tabular.stream_fit.EVERY", 0.0)
    monkeypatch.setattr("pronghorn.training.loop._PROGRESS", 0.0)

    def trained(at: int | None, folder: Path) -> TableModel:
        saved.clear()

        def save(self: Any, epoch: int, batch: int) -> None:
            kept(self, epoch, batch)
            saved.append((epoch, batch))
            if len(saved) == at:
                raise OSError("crash")

        monkeypatch.setattr(stream_backup.StreamBackup, "_save", save)
        chosen = replace(SMALL, epochs=2, batch_size=512)
        return fit(path, "label", stream=True, preset=chosen, cache_dir=folder)

    whole = trained(None, tmp_path / "whole")
    assert len(saved) > 10
    with pytest.raises(OSError, match="crash"):
        trained(crash, tmp_path / "broken")
    first = saved[-1]
    again = trained(None, tmp_path / "broken")
    assert saved[0] > first
    assert again.history == whole.history and again.best == whole.best
    for one, two in zip(whole.net.get_weights(), again.net.get_weights(), strict=True):
        assert one.tobytes() == two.tobytes()
    assert not [p for p in (tmp_path / "broken").rglob("training-*/*") if p.is_file()]


def test_callbacks_are_called(tmp_path: Path) -> None:
    ends: list[int] = []
    end = LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(epoch))
    path = mixed(tmp_path / "t.csv")
    fit(path, "label", stream=True, preset=SMALL, callbacks=[end])
    assert ends == [0, 1, 2, 3]


# --- weights
CLASSES = ((0, "no"), (1, "yes"))


def trained_rows(monkeypatch: Any, module: Any) -> list[tuple[Any, ...]]:
    """(first number, target, weight) of each training row of a `fit` to come."""
    kept, found = module.train, []

    def train(learned: Any, *given: Any, **named: Any) -> Any:
        source = named.get("source")
        blocks = [(learned.numbers, learned.target, learned.weight)]
        if source is not None:
            blocks = []
            for i in range(len(source.counts)):
                x, y, weight = source.read(i, 0)
                x = x["numbers"] if isinstance(x, dict) else x
                blocks.append((x.copy(), y.copy(), weight))
        for x, y, weight in blocks:
            found.extend(zip(x[:, 0].tolist(), y.tolist(), weight.tolist()))
        return kept(learned, *given, **named)

    monkeypatch.setattr(module, "train", train)
    return found


@pytest.mark.parametrize(
    ("asked", "by_column"),
    [
        ("balanced", False),
        ("balanced", True),
        ({"yes": 4, "no": 0.5}, False),
        ({"yes": 4}, True),
        (None, True),
    ],
)
def test_rows_weigh_as_in_memory(
    asked: Any, by_column: bool, tmp_path: Path, monkeypatch: Any
) -> None:
    small_blocks(monkeypatch)
    weight = np.round(np.abs(B) + 0.1, 6)
    label = np.where(A > 1, "yes", "no")
    path = csv(tmp_path / "t.csv", {"a": A, "w": weight, "label": label})
    streamed = trained_rows(monkeypatch, stream_fit)
    whole = trained_rows(monkeypatch, fitting)
    options: dict[str, Any] = {"validation": 0.0, "class_weight": asked, "epochs": 1}
    options["preset"] = SMALL
    named = "w" if by_column else None
    fit(path, "label", stream=True, drop=["w"], sample_weight=named, **options)
    given = weight if by_column else None
    fit({"a": A}, label, sample_weight=given, **options)
    assert len(streamed) == len(whole) == ROWS
    one, two = np.array(sorted(streamed)), np.array(sorted(whole))
    np.testing.assert_allclose(one, two, rtol=1e-6)
    assert one[:, 2].mean() == pytest.approx(1, rel=1e-5)
    if asked == "balanced" and not by_column:
        sums = np.bincount(one[:, 1].astype(int), one[:, 2])
        assert sums == pytest.approx([ROWS / 2, ROWS / 2], rel=1e-5)


def test_balanced_classes_are_learned_as_in_memory(
    tmp_path: Path, monkeypatch: Any
) -> None:
    small_blocks(monkeypatch)
    label = np.where(A + B / 2 > 1.5, "yes", "no")
    path = csv(tmp_path / "t.csv", {"a": A, "label": label})
    options: dict[str, Any] = {"preset": SMALL, "epochs": 20}
    options["eval_set"] = ({"a": A}, label)
    odds = [
        fit(path, "label", stream=stream, class_weight=weight, **options).predict_proba(
            {"a": A}
        )
        for stream, weight in ((True, None), (False, "balanced"), (True, "balanced"))
    ]
    plain, whole, streamed = (found[:, 1].mean() for found in odds)
    assert plain < 0.12 < 0.18 < streamed
    assert streamed == pytest.approx(whole, rel=0.1)
    found = [
        np.mean([(o[label == c].argmax(axis=1) == k).mean() for k, c in CLASSES])
        for o in odds
    ]
    assert found[0] < 0.82 < 0.86 < found[2]  # the share of each class that is found
    assert found[2] == pytest.approx(found[1], abs=0.02)


def test_weights_of_numbers_have_mean_one(tmp_path: Path, monkeypatch: Any) -> None:
    path = csv(tmp_path / "t.csv", {"a": A, "w": np.abs(B) * 50, "y": 2 * A})
    rows = trained_rows(monkeypatch, stream_fit)
    fit(path, "y", stream=True, sample_weight="w", preset=SMALL)
    weights = np.array(rows)[:, 2]
    assert weights.mean() == pytest.approx(1, rel=1e-5) and weights.std() > 0.5


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    path = csv(tmp_path / "t.csv", {"a": A, "w": 0 * B, "y": 2 * A, "label": LABEL})
    options: dict[str, Any] = {"stream": True, "preset": SMALL}
    with pytest.raises(DataError, match="all weights are zero"):
        fit(path, "y", sample_weight="w", **options)
    with pytest.raises(DataError, match="all weights are zero"):
        fit(path, "label", class_weight={"yes": 0, "no": 0}, **options)
    with pytest.raises(ArgumentError, match="for classes"):
        fit(path, "y", class_weight="balanced", **options)
    with pytest.raises(ArgumentError, match="'new', which is no label"):
        fit(path, "label", class_weight={"new": 1}, **options)
