"""Nested structures."""

from __future__ import annotations

from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronghorn import tree
from pronghorn.errors import ArgumentError

Point = namedtuple("Point", "x y")

structures = st.recursive(
    st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(structures)
def test_packing_what_was_flattened_gives_it_back(structure):
    assert tree.pack_sequence_as(structure, tree.flatten(structure)) == structure


@given(structures)
def test_map_and_flatten_commute(structure):
    mapped = tree.map_structure(lambda leaf: (str(leaf),)[0], structure)
    assert tree.flatten(mapped) == [str(leaf) for leaf in tree.flatten(structure)]


def test_dicts_are_visited_by_sorted_key_and_keep_their_order():
    structure = {"b": 1, "a": 2}
    assert tree.flatten(structure) == [2, 1]
    assert list(tree.map_structure(str, structure)) == ["b", "a"]
    assert tree.flatten({1: "x", "a": "y"}) == ["x", "y"]


def test_named_tuples_keep_their_class():
    assert tree.map_structure(lambda v: v + 1, Point(1, 2)) == Point(2, 3)
    assert type(tree.pack_sequence_as(Point(0, 0), [5, 6])) is Point


@pytest.mark.parametrize(
    ("one", "other"), [([1], [1, 2]), ({"a": 1}, {"b": 1}), ([1], {"a": 1}), ((1,), 1)]
)
def test_structures_of_other_forms_are_refused(one, other):
    with pytest.raises(ArgumentError, match="differ in form"):
        tree.map_structure(lambda a, b: None, one, other)


def test_packing_too_few_or_many_leaves_is_refused():
    with pytest.raises(ArgumentError) as caught:
        tree.pack_sequence_as([0, 0], [1, 2, 3])
    assert (caught.value.expected, caught.value.received) == ("2 leaves", "3")
