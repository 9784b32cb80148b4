"""Files of predictions: their formats, and what they must not replace."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pandas as pd
import pytest

from .conftest import Run
from .test_errors import check


def trained(run: Run, shop: Path, target: str) -> str:
    done = run("train", shop, "--target", target, "--epochs", 2, "--hidden", "4")
    assert done.code == 0, done.err
    return "shop.keras"


@pytest.mark.parametrize("target", ["price", "grade"])
def test_the_files_of_all_formats_hold_the_same(
    run: Run, shop: Path, target: str
) -> None:
    model = trained(run, shop, target)
    plain = run("predict", model, shop).out
    for name in ("p.csv", "p.txt", "p", "p.csv.gz", "p.parquet", "P.PARQUET"):
        done = run("predict", model, shop, "-o", name)
        assert done.code == 0 and name in done.err, done.err
    for name in ("p.csv", "p.txt", "p"):
        assert Path(name).read_text() == plain
    assert gzip.decompress(Path("p.csv.gz").read_bytes()).decode() == plain
    for name in ("p.parquet", "P.PARQUET"):
        pd.testing.assert_frame_equal(pd.read_parquet(name), pd.read_csv("p.csv"))


def test_what_predictions_are_made_from_is_not_overwritten(
    run: Run, shop: Path
) -> None:
    model = Path(trained(run, shop, "price"))
    before = shop.read_bytes(), model.read_bytes()
    os.link(model, "link.csv")
    for out in (
        shop,
        "./shop.csv",
        f"../{shop.parent.name}/shop.csv",
        "link.csv",
        model,
    ):
        done = run("predict", model, shop, "-o", out)
        check(done, "would overwrite", "-predictions.csv")
    assert (shop.read_bytes(), model.read_bytes()) == before


@pytest.mark.parametrize("name", ["p.xlsx", "p.json", "p.gz"])
def test_other_formats_are_refused(run: Run, shop: Path, name: str) -> None:
    model = trained(run, shop, "price")
    check(run("predict", model, shop, "-o", name), "CSV or as Parquet", name)
    assert not Path(name).exists()


def test_a_folder_is_no_file(run: Run, shop: Path) -> None:
    model = trained(run, shop, "price")
    Path("adir").mkdir()
    check(run("predict", model, shop, "-o", "adir"), "it is a folder")
    check(run("predict", model, shop, "-o", "no/p.parquet"), "no folder no")
