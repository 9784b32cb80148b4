"""What DuckDB counts where a table lies is what NumPy counts of its rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pronghorn.data import sql
from pronghorn.data.files import find_files
from pronghorn.data.raw import DateColumn, NumberColumn, text_column
from pronghorn.data.reader import write_parquet
from pronghorn.data.scan import Scan, open_scan
from pronghorn.data.summary import DateSummary, NumberSummary, TextSummary, summarize
from pronghorn.data.survey import Draw, Survey
from pronghorn.errors import DataError

NOBODY = Draw(0, 0, 0.0)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.75])
def test_rows_are_drawn_alike_in_sql(part: float) -> None:
    draw = Draw(7, 3, part)
    with sql.duckdb_module().connect() as connection:
        rows = f"SELECT range AS {sql.ROW}, 'x' AS h FROM range(20000)"
        found = connection.execute(draw.sql(rows)).fetchall()
    kept = sorted(row for row, _ in found)
    assert kept == np.flatnonzero(~draw.held(np.arange(20_000))).tolist()
    assert len(kept) == pytest.approx(20_000 * (1 - part), rel=0.05)


def scan_of(folder: Path, *lines: str) -> Scan:
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    return open_scan(find_files(folder / "t.csv"), folder, target="y")


def test_summaries(tmp_path: Path) -> None:
    rows = [f"{i / 2},{i % 3 or ''},{'pqr'[i % 3]},{i}" for i in range(90)]
    found = scan_of(tmp_path, "half,part,text,y", *rows)
    survey = Survey(found, "y", NOBODY, ["half", "part", "text"])
    part = NumberColumn("part", np.array([i % 3 or np.nan for i in range(90)]))
    assert survey.summary("part") == summarize(part)
    half = survey.summary("half")
    assert isinstance(half, NumberSummary)
    assert (half.low, half.high, half.whole, half.present) == (0, 44.5, False, 90)
    assert survey.summary("text") == summarize(
        text_column("text", ["pqr"[i % 3] for i in range(90)])
    )
    assert survey.counts["text"] == {"p": 30, "q": 30, "r": 30}
    target = survey.target
    assert target.is_number and target.rows == 90 and target.high == 89
    assert target.mean == 44.5 and target.deviation == pytest.approx(25.979, abs=1e-3)


def test_dates_by_type(tmp_path: Path) -> None:
    lines = ["day,y", "2020-01-02,1", "2021-01-01,2", ",3"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    path = tmp_path / "t.parquet"
    write_parquet(tmp_path / "t.csv", {"day": "TIMESTAMP", "y": "DOUBLE"}, path)
    found = open_scan(find_files(path), tmp_path, target="y")
    counted = Survey(found, "y", NOBODY, ["day"]).summary("day")
    days = np.array([18263.0, 18628.0, np.nan])
    assert counted == summarize(DateColumn("day", days))
    assert isinstance(counted, DateSummary) and counted.first == "2020-01-02"
    (chunk,) = found.chunks(["day"])
    column = chunk.table.columns["day"]
    assert isinstance(column, DateColumn)
    np.testing.assert_array_equal(column.values, days)


def test_many_texts_are_not_all_kept(tmp_path: Path) -> None:
    found = scan_of(tmp_path, "name,y", *(f"n{i},{i}" for i in range(3000)))
    survey = Survey(found, "y", NOBODY, ["name"])
    seen = survey.summary("name")
    assert isinstance(seen, TextSummary) and len(seen.levels) == 1000
    wanted = survey.summary("name", wanted=True)
    assert isinstance(wanted, TextSummary) and len(wanted.levels) == 3000


def test_names_that_queries_need_quotes_for(tmp_path: Path) -> None:
    lines = ['"a ""b""",select,y', *(f"{i}.5,it's {i % 2},{i}" for i in range(20))]
    found = scan_of(tmp_path, *lines)
    survey = Survey(found, "y", NOBODY, ['a "b"', "select"])
    summary = survey.summary("select")
    assert isinstance(summary, TextSummary) and summary.levels == ("it's 0", "it's 1")
    found.enumerate_texts("select", summary.levels)
    (chunk,) = found.chunks(['a "b"', "select"])
    assert chunk.table.columns["select"].text()[:2] == ["it's 0", "it's 1"]


def test_too_few_rows(tmp_path: Path) -> None:
    found = scan_of(tmp_path, "a,y", "1,2", "3,")
    with pytest.raises(DataError, match="1 row"):
        Survey(found, "y", NOBODY, ["a"])
