"""Many texts in one buffer, and the table of hashes that finds them."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from pronghorn.data import levels
from pronghorn.data.levels import FEW, Finder, Levels, packed, places_of
from pronghorn.data.schema import ColumnSchema, Schema, TargetSchema

TEXTS = ("N", "", "Größe", "東京", "🦌", "a\0b", "N ", "\ud800", "n")
MANY = tuple(f"{i:x} ü" for i in range(5 * FEW))


def test_texts_come_back_as_they_were() -> None:
    found = Levels(TEXTS)
    assert (len(found), tuple(found)) == (len(TEXTS), TEXTS)
    assert [found[i] for i in (0, 3, -1)] == ["N", "東京", "n"]
    assert "東京" in found and "x" not in found and found.index("N ") == 6
    assert len(Levels([])) == 0 and list(Levels([])) == []


@pytest.mark.parametrize("index", [len(TEXTS), -len(TEXTS) - 1])
def test_no_text_beyond_the_ends(index: int) -> None:
    with pytest.raises(IndexError, match=f"text {index} of 9"):
        Levels(TEXTS)[index]


@pytest.mark.parametrize(
    "some",
    [slice(4), slice(2, 5), slice(-3, None), slice(5, 2), slice(90, 99), slice(None)],
)
def test_a_slice_shares_the_letters(some: slice) -> None:
    whole = Levels(TEXTS)
    part = whole[some]
    assert isinstance(part, Levels) and tuple(part) == TEXTS[some]
    assert part._letters is whole._letters
    assert part[1:] == TEXTS[some][1:]


def test_a_slice_with_steps() -> None:
    assert Levels(TEXTS)[::-2] == TEXTS[::-2]


def test_equal_texts_are_equal_whatever_holds_them() -> None:
    found = Levels(TEXTS)
    assert found == Levels(TEXTS) == TEXTS and found == [*TEXTS]
    assert Levels(["x", *TEXTS])[1:] == found
    assert found != Levels([*TEXTS[:-1], "m"]) and found != TEXTS[:-1]
    assert Levels(["ab", "c"]) != Levels(["a", "bc"])
    assert found != 3


def test_copies() -> None:
    part = Levels(TEXTS)[2:5]
    again = pickle.loads(pickle.dumps(part))
    assert again == part and again[1] == TEXTS[3]
    assert len(again._letters) < len(part._letters)  # its own letters only
    assert copy.deepcopy(part) is part


def test_shown_short() -> None:
    assert repr(Levels("abcd")) == "<4 texts: 'a', 'b', 'c', ...>"
    assert repr(Levels("a")) == "<1 texts: 'a'>"


@pytest.mark.parametrize("texts", [(), TEXTS, MANY], ids=["none", "few", "many"])
def test_every_text_is_found_and_no_other(texts: tuple[str, ...]) -> None:
    finder = Finder(Levels(texts), 2)
    assert [finder.get(text) for text in texts] == [*range(2, len(texts) + 2)]
    others = ["x", "Grösse", "\ud801", "N  ", *(text + "!" for text in texts)]
    assert {finder.get(text) for text in others} == {None}


@pytest.mark.parametrize("bits", [1, -1, 2**61])
def test_equal_hashes_are_told_apart(
    bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "hash", lambda text: bits, raising=False)
    finder = Finder(Levels(TEXTS))
    assert [finder.get(text) for text in TEXTS] == [*range(len(TEXTS))]
    assert finder.get("other") is None


def test_few_texts_stay_a_tuple_in_a_dict() -> None:
    assert packed([*TEXTS]) == TEXTS and isinstance(packed(TEXTS), tuple)
    assert places_of(TEXTS, 2) == {text: 2 + i for i, text in enumerate(TEXTS)}
    assert isinstance(packed(MANY[:FEW]), tuple)
    found = packed(MANY[: FEW + 1])
    assert isinstance(found, Levels) and packed(found) is found
    assert isinstance(places_of(found), Finder)


def test_a_schema_shares_the_texts_of_its_encoder() -> None:
    first = {"type": "ids", "categories": [*MANY[:3000]]}
    column = ColumnSchema("code", "categorical", categories=MANY, encoder=first)
    known = column.encoder["categories"]
    assert isinstance(column.categories, Levels) and isinstance(known, Levels)
    assert known._letters is column.categories._letters
    assert (column.categories, known) == (MANY, MANY[:3000])
    other = {"type": "ids", "categories": [*MANY[1:3000]]}
    column = ColumnSchema("code", "categorical", categories=MANY, encoder=other)
    assert column.encoder["categories"] == MANY[1:3000]


def test_a_schema_of_many_texts_is_the_json_of_a_list() -> None:
    encoder = {"type": "ids", "categories": [*MANY[:3000]]}
    columns = (ColumnSchema("code", "categorical", categories=MANY, encoder=encoder),)
    schema = Schema(columns, TargetSchema("y", "regression"))
    text = schema.to_json()
    (written,) = json.loads(text)["columns"]
    assert (written["categories"], written["encoder"]) == ([*MANY], encoder)
    assert Schema.from_json(text) == schema == Schema.from_dict(json.loads(text))
    assert isinstance(Schema.from_json(text).columns[0].categories, Levels)
