"""`train --report`: the page that goes with a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..report.test_page import SECTIONS, read
from .conftest import Run

FAST = ("--epochs", 3)


@pytest.mark.parametrize(
    ("words", "loads"),
    [
        (("--preset", "fast", "--drop", "grade"), True),
        (("--hidden", "8", "--drop", "grade"), False),
        (("--hidden", "", "--drop", "grade,town,kind,day"), False),
    ],
)
def test_a_report_of_numbers(
    run: Run, shop: Path, words: tuple[str, ...], loads: bool
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
    assert ("TableModel.load" in told) == loads


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
