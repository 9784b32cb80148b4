"""Real tables, no preparation: the least-squares lines, and bars for the errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pronghorn
from pronghorn.cli.linear import linear_unit
from pronghorn.cli.nets import open_model
from pronghorn.cli.workflow import Options, fit_net, prepare

from .conftest import Run

LINE = ("--target", "calories", "--hidden", "", "--holdout", 0, "--seed", 0)


def found(path: str) -> dict[str, float]:
    """A linear unit's weights and bias, in the table's own units."""
    net = open_model(Path(path))
    unit = linear_unit(net.model, net.schema)
    assert unit is not None
    weights = dict(zip(unit.names, unit.weights[:, 0].tolist(), strict=True))
    return {**weights, "bias": float(unit.bias[0])}


def test_calories_from_sugars_as_the_table_stands(run: Run, data_dir: Path) -> None:
    done = run("train", data_dir / "cereal.csv", *LINE, "--features", "sugars")
    assert done.code == 0, done.err
    assert "warning: sugars holds -1 in 1 row" in done.out
    assert "77 read, 77 used" in done.out
    unit = found("cereal.keras")
    assert unit["sugars"] == pytest.approx(2.465, abs=0.02)
    assert unit["bias"] == pytest.approx(89.82, abs=0.3)


def test_calories_from_sugars_without_the_code(run: Run, data_dir: Path) -> None:
    words = (data_dir / "cereal.csv", *LINE, "--features", "sugars", "--missing=-1")
    done = run("train", *words)
    assert done.code == 0 and "warning" not in done.out
    unit = found("cereal.keras")
    assert unit["sugars"] == pytest.approx(2.536, abs=0.02)
    assert unit["bias"] == pytest.approx(89.16, abs=0.3)
    Path("five.csv").write_text("sugars\n5\n")
    predicted = run("predict", "cereal.keras", "five.csv").out.split()
    assert predicted[0] == "calories"
    assert float(predicted[1]) == pytest.approx(101.83, abs=0.3)


def test_calories_from_three_columns(run: Run, data_dir: Path) -> None:
    names = "sugars,fiber,protein"
    words = (data_dir / "cereal.csv", *LINE, "--features", names, "--missing=-1")
    assert run("train", *words).code == 0
    unit = found("cereal.keras")
    wanted = {"sugars": 2.837, "fiber": -3.483, "protein": 7.982, "bias": 74.45}
    for name, value in wanted.items():
        assert unit[name] == pytest.approx(value, rel=0.015), name


BARS = {
    "penguins.csv": ("species", "error", 0.03, {}),
    "concrete.csv": ("compressive_strength", "RMSE", 6.5, {}),
    "red-wine.csv": ("quality", "RMSE", 0.66, {"task": "regression"}),
    "house-prices.csv": ("SalePrice", "RMSE", 36_000, {}),
}
LARGE_BARS = {
    "adult.csv.gz": ("income", "error", 0.148, {}),
    "hotel.csv.gz": (
        "is_canceled",
        "error",
        0.15,
        {"drop": ("reservation_status", "reservation_status_date")},
    ),
}


def measured(
    path: Path, target: str, score: str, seed: int, **options: object
) -> float:
    """The holdout's score of the plain net."""
    chosen = Options(target=target, seed=seed, **options)  # type: ignore[arg-type]
    result = fit_net(prepare(path, chosen))
    assert pronghorn.backend_of(result.net.model) == "native"
    assert result.scores is not None
    return result.scores.model[score]


@pytest.mark.parametrize("name", BARS)
def test_means_over_five_seeds(name: str, data_dir: Path) -> None:
    target, score, bar, options = BARS[name]
    scores = [
        measured(data_dir / name, target, score, seed, **options) for seed in range(5)
    ]
    assert np.mean(scores) < bar, scores


@pytest.mark.parametrize("name", LARGE_BARS)
def test_large_tables_with_one_seed(name: str, data_dir: Path) -> None:
    target, score, bar, options = LARGE_BARS[name]
    assert measured(data_dir / name, target, score, 0, **options) < bar


@pytest.mark.parametrize(
    ("name", "target", "left_out"),
    [
        ("titanic.csv", "Survived", ["PassengerId", "Name", "Ticket", "Cabin"]),
        ("cereal.csv", "rating", ["name"]),
        ("telco-churn.csv", "Churn", ["customerID"]),
        ("ion.csv", "Class", ["V2"]),
        ("mushroom.csv", "type", ["veil_type"]),
        ("house-prices.csv", "SalePrice", ["Id"]),
        ("adult.csv.gz", "income", []),
    ],
)
def test_what_is_left_out(
    name: str, target: str, left_out: list[str], data_dir: Path
) -> None:
    schema = prepare(data_dir / name, Options(target=target)).schema
    assert [c.name for c in schema.columns if not c.used] == left_out


@pytest.mark.parametrize(
    ("name", "target", "codes"),
    [
        ("cereal.csv", "calories", {"carbo": "-1", "sugars": "-1", "potass": "-1"}),
        ("pima.csv", "diabetes", {"glucose": "0", "blood_pressure": "0", "bmi": "0"}),
        ("bank.csv.gz", "deposit", {"pdays": "-1"}),
        ("concrete.csv", "compressive_strength", {}),
        ("california.csv.gz", "median_house_value", {}),
    ],
)
def test_codes_that_are_told(
    name: str, target: str, codes: dict[str, str], data_dir: Path
) -> None:
    notices = prepare(data_dir / name, Options(target=target)).notices
    told = {n.column: (n.remedy or "").split("=")[2].split(",")[0] for n in notices}
    assert told == codes
