"""What `pronghorn train --tune` does: the search, its table, the model's file."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from pronghorn.cli.nets import open_model
from pronghorn.cli.options import net_options
from pronghorn.cli.reporting import write_report
from pronghorn.cli.tuning import check_tune, show_trials, tune_net
from pronghorn.cli.workflow import Options, Prepared, prepare
from pronghorn.errors import ArgumentError
from pronghorn.tabular import Preset
from pronghorn.tuning import Tuned

pytest.importorskip("optuna", reason="no optuna")


def prepared(folder: Path, classes: bool, hidden: str | None = None) -> Prepared:
    rng = np.random.default_rng(0)
    lines = ["size,color,price"]
    for size, color in zip(rng.normal(size=150), rng.choice(["red", "blue"], 150)):
        price = 3 * size + (color == "red") + 0.1 * rng.normal()
        label = "hi" if price > 0 else "lo"
        lines.append(f"{size},{color},{label if classes else price}")
    path = folder / "prices.csv"
    path.write_text("\n".join(lines) + "\n")
    made = Options(target="price", epochs=8, **net_options(None, hidden))
    return prepare(path, made)


@pytest.mark.parametrize("classes", [False, True])
def test_a_tuned_model_is_measured_and_kept(tmp_path: Path, classes: bool) -> None:
    out = Console(file=io.StringIO(), width=120)
    given = prepared(tmp_path, classes)
    result = tune_net(out, given, trials=3)
    said = out.file.getvalue()  # type: ignore[attr-defined]
    assert ("log loss" if classes else "rmse") in said and "hidden" in said
    assert "tried    3 configurations: 3 complete" in " ".join(said.split("\n"))
    assert "by 5 folds" in said
    assert result.scores is not None and result.scores.rows == 30
    name = "error" if classes else "RMSE"
    scores = result.scores
    assert scores.model[name] < scores.baseline[name]
    net = result.net.schema.net
    assert net["members"] == 5 and net["epochs"] == 8
    assert net["tuned"]["hidden"] == "-".join(map(str, net["hidden"]))
    page, model = tmp_path / "page.html", tmp_path / "model.keras"
    write_report(given, result.net, page, tmp_path / "prices.csv", model)
    metric = "log_loss" if classes else "rmse"
    for name in ("loss", metric):
        assert f"Learning curve of {name}<" in page.read_text("utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        result.net.save(model)
    opened = open_model(model)
    rows = given.table.take(given.holdout)
    assert (opened.predict(rows) == result.net.predict(rows)).all()


def test_a_plain_net_is_not_tuned(tmp_path: Path) -> None:
    given = prepared(tmp_path, False, hidden="8")
    with pytest.raises(ArgumentError, match="--tune and --hidden"):
        check_tune(given.options)


def test_the_best_trials_are_shown() -> None:
    rows = [
        {"trial": k, "state": "complete", "rmse": 20.0 - k, "epoch": k, "rate": 0.1}
        for k in range(12)
    ]
    rows[3] |= {"state": "pruned", "rmse": 1.0}
    rows[5] |= {"state": "failed", "rmse": None, "epoch": None}
    model: Any = None
    tuned = Tuned(Preset(folds=4), {}, "rmse", 9.0, rows, np.ones(3), model, None)
    out = Console(file=io.StringIO(), width=100)
    show_trials(out, tuned)
    lines = out.file.getvalue().splitlines()  # type: ignore[attr-defined]
    shown = [line.split()[0] for line in lines if line.strip()]
    assert shown[-11:-1] == ["11", "10", "9", "8", "7", "6", "4", "2", "1", "0"]
    assert "12 configurations: 10 complete, 1 pruned, 1 failed" in lines[-1]
