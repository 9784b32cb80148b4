"""The page that is made of the rows."""

from __future__ import annotations

from benchmarks.quality.leagues import Figures
from benchmarks.quality.report import lines

from benchmarks.quality import goals

from .made import row


def rows() -> list[dict[str, object]]:
    """Two sets for all; one for a slow learner; a failure."""
    made = []
    for seed in (0, 1, 2):
        for name, scale in (("concrete", 1.0), ("mpg", 2.0)):
            made += [
                row(name, "xgboost", seed, rmse=4 * scale),
                row(name, "lightgbm", seed, rmse=5 * scale, cpu_s=2.0),
                row(name, "pronghorn-default", seed, rmse=3 * scale, cpu_s=4.0),
                row(name, "pronghorn-fast", seed, rmse=6 * scale, cpu_s=2.5),
            ]
        made.append(row("concrete", "realmlp-td", seed, rmse=2.99, cpu_s=80.0))
    for learner in ("xgboost", "pronghorn-default"):
        made.append(row("heart", learner, 0, error=0.25, log_loss=0.5))
    return [*made, row("heart", "lightgbm", 0, failed="no memory")]


def page(which: list[dict[str, object]]) -> str:
    return "\n".join(lines(which, Figures(which)))


def test_learners_stand_by_rank_with_their_intervals() -> None:
    text = page(rows()[:-3])
    assert "## All sets: 2" in text and "## Dev sets: 2" in text
    first = text.split("## All sets: 2")[1].splitlines()[4]
    assert first.startswith(
        "| Pronghorn | 1.00 [1.00, 1.00] | 0.0 [0.0, 0.0] | -25.0 [-25.0, -25.0] | 1.00"
    )
    assert first.endswith("| 4.00 | 1.00 | 2.00 | 1.00 |")
    assert "## All sets with the slow learners: 1" in text
    slow = text.split("All sets with the slow learners: 1")[1].splitlines()
    assert slow[4].startswith("| RealMLP-TD | 1.00 [1.00, 1.00]")
    assert slow[5].endswith("| 0.0500 |"), "of RealMLP's CPU seconds"


def test_who_lacks_a_set_is_named_and_not_shown() -> None:
    text = page(rows())
    assert "## All sets: 3" in text
    assert "sets only, and not shown: LightGBM, Pronghorn, fast." in text
    found = text.split("## All sets: 3")[1].split("## ")[0]
    assert "| XGBoost | " in found and "| LightGBM | " not in found
    assert "heart, seed 0 failed: no memory" in text


def test_sets_show_their_means_and_how_many_seeds_there_are() -> None:
    text = page(rows())
    assert "| mpg | dev | 600 | 10 | 8 | 12 | 6 | - |" in text
    assert "| heart | dev | 600 | - | 25 (1) | - | 25 (1) | - |" in text
    assert "| heart | dev | 600 | - | 0.5 (1) | - | 0.5 (1) | - |" in text
    assert "| mpg | 2.00 / 1.00 | 1.00 / 1.00 | 2.50 / 1.00 | 4.00 / 1.00 | - |" in text


def test_goals_are_judged_on_all_sets_and_on_each_half() -> None:
    text = "\n".join(goals.lines(Figures(rows())))
    found = "1.17 to 1.83: -0.67 [-1.00, +0.00]"
    assert f"better than XGBoost's | 3 | {found} | {found} | - |" in text
    near = "+0.33 [+0.33, +0.33] %"
    assert f"2 % beyond RealMLP-TD's | 1 | {near} | {near} | - |" in text
    assert "a tenth of RealMLP-TD's CPU seconds | 1 | 0.05 times |" in text
    assert "LightGBM's level | 2 | **+20.00 [+20.00, +20.00] %** |" in text
    assert "1.5 times LightGBM's CPU seconds | 2 | 1.25 times |" in text


def test_a_page_of_nothing_has_no_goals() -> None:
    assert list(goals.lines(Figures([]))) == []
    assert "## The learners" in page([])


def test_wall_seconds_of_a_busy_machine_are_not_shown() -> None:
    loaded = [
        each | {"load": 9.0} if each["learner"] == "lightgbm" else each
        for each in rows()[:-3]
    ]
    text = page(loaded)
    found = text.split("## All sets: 2")[1].split("##")[0].splitlines()
    lines_of = {line.split(" | ")[0]: line for line in found}
    assert lines_of["| LightGBM"].endswith("| 2.00 | busy | 1.00 | busy |")
    assert lines_of["| XGBoost"].endswith("| 1.00 | 1.00 | 0.500 | busy |")
    assert "| mpg | 2.00 / busy | 1.00 / 1.00 |" in text
    told = "\n".join(goals.lines(Figures(loaded)))
    assert "1.5 times LightGBM's wall seconds | 2 | busy machine |" in told
