"""`train --report`: the page that goes with a model."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ..report.test_page import SECTIONS, read
from .conftest import Run, write

FAST = ("--epochs", 3)


def python_of(html: str) -> str:
    """The lines of Python that a page shows."""
    found = re.search(r'aria-label="Python"><code>(.*?)</code>', html, re.DOTALL)
    assert found, "the page shows Python"
    return unescape(found[1])


@pytest.mark.parametrize(
    ("words", "opened_by"),
    [
        (("--preset", "fast", "--drop", "grade"), "TableModel"),
        (("--hidden", "8", "--drop", "grade"), "PlainModel"),
        (("--hidden", "", "--drop", "grade,town,kind,day"), "PlainModel"),
    ],
)
def test_a_report_of_numbers(
    run: Run, shop: Path, words: tuple[str, ...], opened_by: str
) -> None:
    done = run(
        "train", shop, "--target", "price", *words, *FAST, "--report", "page.html"
    )
    assert done.code == 0, done.err
    assert "report   page.html" in done.out
    html = Path("page.html").read_text("utf-8")
    reader = read(html)
    assert [a["id"] for tag, a in reader.elements if tag == "section"] == SECTIONS
    told = " ".join(reader.text)
    assert "price, from shop.csv" in told and "RMSE" in told
    assert "320" in told and "80" in told
    assert "pronghorn predict shop.keras" in told
    assert f"tabular.{opened_by}.load('shop.keras')" in told


@pytest.mark.parametrize("target", ["price", "grade"])
@pytest.mark.parametrize(
    "net", [("--preset", "fast"), ("--hidden", "8"), ("--hidden", "")]
)
def test_the_python_that_a_page_shows_runs(
    run: Run, shop: Path, net: tuple[str, ...], target: str
) -> None:
    words = ("train", shop, "--target", target, *net, *FAST)
    done = run(*words, "--report", "page.html")
    assert done.code == 0, done.err
    code = python_of(Path("page.html").read_text("utf-8"))
    held: dict[str, Any] = {}
    exec(compile(code, "page.html", "exec"), held)
    model, rows = held["model"], held["rows"]
    # What the command says of the same row.
    names, cells = list(rows), [rows[name][0] for name in rows]
    write(Path("row.csv"), ",".join(names), [cells])
    assert run("predict", "shop.keras", "row.csv", "--out", "said.csv").code == 0
    said = Path("said.csv").read_text("utf-8").split()[1]
    one = model.predict(rows)
    assert one.shape == (1,)
    for same in (dict(zip(names, cells)), pd.DataFrame(rows), "row.csv"):
        np.testing.assert_array_equal(model.predict(same), one)
    if target == "price":
        assert one[0] == pytest.approx(float(said), rel=1e-4)
        assert "predict_proba" not in code
        return
    assert one[0] == said
    chances = model.predict_proba(rows)
    assert chances.shape == (1, 2) and chances.sum() == pytest.approx(1)
    assert model.schema.target.labels[chances[0].argmax()] == said
    assert code.endswith("model.predict_proba(rows)")


def test_a_row_of_many_columns_is_not_written_out(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = [f"c{i}" for i in range(41)]
    x = rng.normal(size=(60, 41)).round(3)
    rows = np.column_stack([x, x.sum(axis=1)]).tolist()
    wide = write(tmp_path / "wide.csv", ",".join([*names, "y"]), rows)
    words = ("train", wide, "--target", "y", "--hidden", "4", *FAST)
    assert run(*words, "--report", "page.html").code == 0
    write(Path("rows.csv"), ",".join(names), x[:3].tolist())
    held: dict[str, Any] = {}
    code = python_of(Path("page.html").read_text("utf-8"))
    exec(compile(code, "page.html", "exec"), held)
    assert held["rows"] == "rows.csv"
    assert held["model"].predict(held["rows"]).shape == (3,)


@pytest.mark.parametrize("net", [("--preset", "fast"), ("--hidden", "8")])
def test_a_report_of_classes_tells_a_leak(
    run: Run, shop: Path, net: tuple[str, ...]
) -> None:
    # The grade is "high" where the price is above 60.
    words = ("train", shop, "--target", "grade", *net, *FAST)
    done = run(*words, "--out", "m.keras", "--report", "page.html")
    assert done.code == 0, done.err
    told = " ".join(read(Path("page.html").read_text("utf-8")).text)
    assert "price may give the answer away" in " ".join(told.split())
    assert "Confusion matrix" in told and "ROC curve" in told
    assert "pronghorn predict m.keras" in told


def test_one_seed_makes_one_page(run: Run, shop: Path) -> None:
    pages = []
    for name in ("a.html", "b.html"):
        words = ("train", shop, "--target", "price", "--hidden", "8", *FAST)
        assert run(*words, "--report", name).code == 0
        pages.append(Path(name).read_text("utf-8"))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--report", "page.txt"), "a name ending in .html"),
        (("--report", "none/page.html"), "no folder none"),
        (("--report", "page.html", "--holdout", "0"), "--holdout above 0"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_training(
    run: Run, shop: Path, words: tuple[str, ...], told: str
) -> None:
    done = run("train", shop, "--target", "price", *FAST, *words)
    assert done.code == 2 and told in done.err
    assert "rows" not in done.out and not Path("shop.keras").exists()
