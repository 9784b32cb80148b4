"""Terms: what counts as one, how they are ranked, and how files hold them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pronghorn.errors import ArgumentError, DataError, DtypeError
from pronghorn.layers.vocabulary import (
    NO_PLACE,
    TermCounts,
    batches_of,
    by_rank,
    places_of,
    read_terms,
    terms_of,
    write_terms,
)


def test_terms_are_text_or_whole_numbers() -> None:
    assert terms_of(["a"], True, "x").tolist() == ["a"]
    assert terms_of([True, False], False, "x").tolist() == [1, 0]
    assert terms_of(np.array([2.0]), False, "x").dtype == np.int64
    with pytest.raises(DtypeError, match="IntegerLookup"):
        terms_of([3], True, "x")
    with pytest.raises(DtypeError, match="StringLookup"):
        terms_of(["3"], False, "x")
    for bad in (2.5, np.nan, np.inf):
        with pytest.raises(DataError, match="whole numbers"):
            terms_of([1.0, bad], False, "x")


def test_terms_are_counted_by_rows_too() -> None:
    counts = TermCounts()
    counts.add(np.array([["a", "a"], ["a", "b"]], object), documents=True)
    assert counts.terms == {"a": 3, "b": 1}
    assert counts.documents == {"a": 2, "b": 1} and counts.rows == 2
    counts.without("b", "never seen")
    assert by_rank(counts.terms) == ["a"]


def test_equally_frequent_terms_come_in_the_order_of_their_bytes() -> None:
    ranked = by_rank(Counter(["b", "é", "z", "\uffff", "\U00010000", "b"]))
    assert ranked == ["b", "\U00010000", "\uffff", "é", "z"]
    assert by_rank(Counter([3, 10, 3, -1])) == [3, 10, -1]


def test_batches_are_told_from_arrays() -> None:
    for one in (["a"], np.zeros(2), "text", ("a",)):
        assert batches_of(one) is None
    for several in (iter([["a"]]), (x for x in [["a"]])):
        assert batches_of(several) is several


def test_files_hold_a_term_in_each_line(tmp_path: Path) -> None:
    path = str(tmp_path / "terms.txt")
    for terms in (["", "a", "日本"], ["a", ""], [3, -4], ["one"]):
        write_terms(path, terms)
        assert read_terms(path, isinstance(terms[0], str), "utf-8") == terms or (
            terms == ["a", ""] and read_terms(path, True, "utf-8") == ["a"]
        )
    (tmp_path / "terms.txt").write_bytes("a\r\nü\r\n".encode("latin-1"))
    assert read_terms(path, True, "latin-1") == ["a", "ü"]
    for broken in ("a\nb", "a\u2028b", "a\r"):
        with pytest.raises(ArgumentError, match="several lines"):
            write_terms(path, ["x", broken])
    (tmp_path / "terms.txt").write_text("1\ntwo\n")
    with pytest.raises(ArgumentError, match="line 2"):
        read_terms(path, False, "utf-8")
    with pytest.raises(ArgumentError, match="does not exist"):
        read_terms(str(tmp_path / "other.txt"), True, "utf-8")


def test_places_are_those_of_a_dict_for_few_terms_and_for_many() -> None:
    places = {7: 1, -(2**60): 2, 2**60: 3, 0: -1}
    few = np.array([7, 5, 0, -(2**60)])
    many = np.resize(np.array([2**60, 7, 8, -9, 0, -(2**60), 2**61]), 100)
    for terms in (few, many):
        expected = [places.get(t, NO_PLACE) for t in terms.tolist()]
        assert places_of(terms, places).tolist() == expected
    near = {5: 1, 2: 2, 0: -1, 9: 3}
    least = np.iinfo(np.int64).min
    wild = np.resize(np.array([5, 0, -1, 9, 10, 3, 2**62, least, 2]), 100)
    expected = [near.get(t, NO_PLACE) for t in wild.tolist()]
    assert places_of(wild, near).tolist() == expected
    assert places_of(many, {}).tolist() == [NO_PLACE] * 100
    text = np.array(["a", "b", "a"], object)
    assert places_of(text, {"a": 4}).tolist() == [4, NO_PLACE, 4]
