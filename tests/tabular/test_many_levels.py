"""A column of many categories: what it takes, and what its values mean."""

from __future__ import annotations

import gc
import io
import json
import sys
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pronghorn.data import levels
from pronghorn.data.levels import FEW, Levels
from pronghorn.data.raw import NumberColumn, text_column
from pronghorn.data.schema import ColumnSchema
from pronghorn.tabular import Preset, TableModel, fit, values
from pronghorn.tabular.values import RARE, Categories, frequent

LEVELS, EACH = 100_000, 4
"""Of the column that takes less than twice what its ids and its embedding do."""

NO_DATA = (type, ModuleType, FunctionType)


def held_by(*roots: object) -> int:
    """The bytes of all objects that can be reached from these, each counted once."""
    found: dict[int, object] = {}
    left = [*roots]
    while left:
        item = left.pop()
        if id(item) in found or isinstance(item, NO_DATA):
            continue
        found[id(item)] = item
        left += gc.get_referents(item)
        if isinstance(item, np.ndarray):
            left.append(item.base)
        if isinstance(item, memoryview):
            left.append(item.obj)
    return sum(map(sys.getsizeof, found.values()))


def held_by_table(model: TableModel) -> int:
    """What a model of a table has besides the net: schema, host, parts of its file."""
    members = getattr(model.net, "_pronghorn_members", None) or {}
    return held_by(model.schema, model._host, [*members.values()])


def spelt(kind: str) -> list[str]:
    whole = (i * 7919 % 1_000_003 for i in range(LEVELS))
    forms = {"code": "code-{:07d}", "digits": "{:d}", "other": "größe {:06d} 東京"}
    return [forms[kind].format(number) for number in whole]


@pytest.fixture(scope="module", params=["code", "digits", "other"])
def case(request: pytest.FixtureRequest) -> tuple[TableModel, pd.DataFrame]:
    rng = np.random.default_rng(0)
    codes = rng.permutation(np.repeat(np.arange(LEVELS), EACH))
    frame = pd.DataFrame(
        {
            "code": np.array(spelt(request.param), object)[codes],
            "size": rng.normal(size=len(codes)),
        }
    )
    preset = Preset(hidden=(8,), epochs=1, batch_size=4096)
    model = fit(frame, frame["size"].to_numpy(), preset=preset, validation=0.0)
    return model, frame


def test_the_column_takes_less_than_twice_its_ids_and_embedding(
    case: tuple[TableModel, pd.DataFrame],
) -> None:
    model, frame = case
    ids = model.encode(frame).ids
    embedding = model.net.get_layer("embedding").table.value
    assert embedding.shape == (LEVELS + 2, 8) and ids.dtype == np.int32
    needed = ids.nbytes + embedding.nbytes
    assert held_by_table(model) + needed < 2 * needed
    file = model.to_bytes()
    assert held_by_table(model) + needed < 2 * needed
    again = TableModel.load(io.BytesIO(file))
    assert held_by_table(again) + needed < 2 * needed
    np.testing.assert_array_equal(again.encode(frame).ids, ids)
    assert again.schema == model.schema


def test_all_levels_have_ids_of_their_own(
    case: tuple[TableModel, pd.DataFrame],
) -> None:
    model, frame = case
    ids = model.encode(frame).ids[:, 0]
    known = model.schema.column("code").categories
    assert sorted({*ids.tolist()}) == [*range(2, LEVELS + 2)]
    for row in range(0, len(frame), 9973):
        text = frame["code"].iloc[row]
        assert known[ids[row] - 2] == text
        one = model.encode({"code": text, "size": 0.0}).ids
        assert one.tolist() == [[ids[row]]]
    odd = {None: 0, "new": 1, " ": 0, "\ud800": 1, "größe 東京": 1}
    rows = [{"code": text, "size": 0.0} for text in odd]
    assert model.encode(rows).ids[:, 0].tolist() == [*odd.values()]
    assert [model.encode(row).ids.item() for row in rows] == [*odd.values()]


def test_the_measure_sees_what_a_dict_takes() -> None:
    texts = spelt("code")
    needed = 4 * LEVELS * EACH + 32 * (LEVELS + 2)
    assert held_by({text: i for i, text in enumerate(texts)}) > needed
    part = np.zeros(1_000_000)[:3]
    assert held_by([part]) > 8_000_000 and held_by([memoryview(part)]) > 8_000_000


# --- as few, so many --------------------------------------------------------------
ODD = ["1", "1.0", "2.50", "2.5", "007", "7.", "-0", "1e3", "x", "X", "ü", "東京"]
PROBES: list[Any] = [
    *(1, 1.0, True, 2.5, 7, 7.0, 0, -0.0, 1000, 3.25, 1e999 - 1e999, None),
    *("1", "1.00", "2.5", "2.500", "007", "7", "07", "0", "-0", "1000", "1000.0"),
    *(" x ", "X", "ü", "u", "東京", "\ud800", "", "inf", 501, "502.0", 10**9),
]


def test_many_categories_mean_what_few_do(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*ODD, *(str(i) for i in range(500, 500 + 2 * FEW))]
    many = Categories(texts)
    for module in (levels, values):
        monkeypatch.setattr(module, "FEW", 10**6)
    few = Categories(texts)
    assert isinstance(few.exact, dict) and not isinstance(many.exact, dict)
    assert isinstance(few._by_value, dict) and not isinstance(many._by_value, dict)
    cells = [*PROBES, *texts]
    found = [many.id_of(cell) for cell in cells]
    assert found == [few.id_of(cell) for cell in cells]
    assert {0, 1, 2, 3} < {*found}
    column = text_column("a", [str(cell) for cell in cells])
    numbers = NumberColumn("a", np.array([1, 1000, 2.5, np.nan, 3.3, -0.0, 777, 1e12]))
    for raw in (column, numbers):
        np.testing.assert_array_equal(many.ids(raw), few.ids(raw))


def test_frequent_categories_share_the_letters_of_all() -> None:
    often, rare = [f"o{i}" for i in range(2 * FEW)], [f"r{i}" for i in range(50)]
    raw = text_column("a", [*rare, *often * RARE])
    column = ColumnSchema("a", "categorical", categories=(*often, *rare))
    known = frequent(column, raw)
    assert isinstance(known, Levels) and known == often
    assert known._letters is column.categories[:1]._letters
    column = ColumnSchema("a", "categorical", categories=(*rare, *often))
    assert frequent(column, raw) == often  # of a stream, whose order others tell
    few = ColumnSchema("a", "categorical", categories=("o1", "o2", "r3"))
    assert type(frequent(few, raw)) is list and frequent(few, raw) == ["o1", "o2"]


def test_the_file_lists_the_texts(case: tuple[TableModel, pd.DataFrame]) -> None:
    model, _ = case
    model.to_bytes()
    told = json.loads(bytes(model.net._pronghorn_members["table.json"]))
    (column, _) = told["schema"]["columns"]
    known = model.schema.column("code").categories
    assert column["categories"] == column["encoder"]["categories"] == [*known]
