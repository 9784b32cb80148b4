"""The real tables: read from a folder, and made again from what their homes publish."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from pronghorn import datasets
from tests.datasets.publishing import Publisher
from tests.datasets.sources import LENGTHS, published

NAMES = [name for name in datasets.names() if "/" not in name]
MISSING = {
    "adult": 6465,
    "california": 207,
    "heart": 6,
    "hotel": 129425,
    "house-prices": 6965,
    "mpg": 6,
    "mushroom": 2480,
    "penguins": 19,
    "spotify": 15,
    "telco-churn": 11,
    "titanic": 866,
}
CLASSES = {"covertype": 7, "iris": 3, "penguins": 3}


def content_of(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.csv"
    if path.exists():
        return path.read_bytes()
    return gzip.decompress((folder / f"{name}.csv.gz").read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_each_is_what_its_description_says(name: str, data_dir: Path) -> None:
    frame, table = datasets.load(name, download=False), datasets.describe(name)
    assert frame.shape == (table.rows, table.columns)
    columns = {*table.identifiers, *table.giveaways, *table.groups, table.target}
    assert columns <= set(frame.columns)
    assert int(frame.isna().sum().sum()) == MISSING.get(name, 0)
    target = frame[table.target]
    assert target.notna().all()
    if table.task == "regression":
        assert target.dtype.kind in "if"
    else:
        assert target.nunique() == CLASSES.get(name, 2)


def test_values_stay_as_the_file_has_them(data_dir: Path) -> None:
    assert (datasets.load("ames").Misc_Feature == "None").sum() > 2000
    assert (datasets.load("house-prices").MasVnrType == "None").sum() == 864
    assert (
        datasets.load("cereal")[["carbo", "sugars", "potass"]] == -1
    ).sum().sum() == 4
    assert datasets.load("telco-churn").TotalCharges.dtype.kind == "f"
    assert datasets.load("hotel").country.isna().sum() == 488


@pytest.mark.parametrize("name", NAMES)
def test_each_is_made_again_of_what_is_published(
    name: str, data_dir: Path, publisher: Publisher, tmp_path: Path
) -> None:
    home, table = datasets.describe(name).home, content_of(data_dir, name)
    assert home is not None
    if home.recipe is None:
        assert name == "covertype"
        return
    files = published(name, table)
    assert (len(files[0]) == LENGTHS[name]) if name in LENGTHS else not home.hashes
    for content, file_hash in zip(files, home.hashes):
        assert hashlib.sha256(content).hexdigest() == file_hash
    paths = [a.removeprefix(publisher.address) for a in home.addresses()]
    publisher.files.update(zip(paths, files, strict=True))
    frame = datasets.load(name)
    assert publisher.asked == paths and len(frame) == datasets.describe(name).rows
    cached = tmp_path / "cache" / "datasets" / "tables" / f"{name}.csv"
    assert cached.read_bytes() == table


def test_made_cereals_are_like_the_real_ones(data_dir: Path) -> None:
    made: Any = datasets.make_cereal()
    real = datasets.load("cereal")
    assert [name for name in real.columns if name in made.columns] == list(made.columns)
    for name in set(made.columns) - {"name"}:
        assert made[name].min() >= min(0, real[name].min())
        assert made[name].max() <= 1.2 * real[name].max()
