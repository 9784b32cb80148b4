"""Nested structures."""

from __future__ import annotations

import inspect
from collections import OrderedDict, defaultdict, deque, namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronghorn import tree
from pronghorn.errors import ArgumentError, DtypeError

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


# --- the rest of keras.tree ---------------------------------------------------------
def test_ordered_dicts_keep_their_order_and_other_dicts_do_not():
    pairs = [("b", 1), ("a", 2)]
    assert tree.flatten(OrderedDict(pairs)) == [1, 2]
    assert tree.flatten(defaultdict(int, pairs)) == [2, 1]
    mapped = tree.map_structure(str, OrderedDict(pairs), none_is_leaf=True)
    assert type(mapped) is OrderedDict and list(mapped.items()) == [
        ("b", "1"),
        ("a", "2"),
    ]


def test_deques_and_default_dicts_stay_what_they_are():
    mapped = tree.map_structure(str, deque([1, 2], maxlen=5))
    assert mapped == deque(["1", "2"]) and mapped.maxlen == 5
    mapped = tree.map_structure(str, defaultdict(list, a=1))
    assert mapped == {"a": "1"} and mapped.default_factory is list


def test_sets_and_arrays_are_leaves():
    assert not tree.is_nested({1, 2})
    assert tree.flatten([{1}, None]) == [{1}, None]


def test_none_is_kept_without_a_call_where_it_is_no_leaf():
    assert tree.map_structure(str, [None, 1], none_is_leaf=False) == [None, "1"]
    assert tree.map_structure(str, [None, 1]) == ["None", "1"]


def test_dicts_of_all_kinds_go_together_and_the_first_is_what_comes():
    mapped = tree.map_structure(
        lambda a, b: a + b, OrderedDict(b=1, a=2), {"a": 20, "b": 10}
    )
    assert list(mapped.items()) == [("b", 11), ("a", 22)]


@pytest.mark.parametrize(
    ("one", "other"),
    [((), []), ([], deque()), (Point(1, 2), (1, 2)), (1, [1]), ([1], 1), ({}, [])],
)
def test_sequences_of_other_kinds_are_refused(one, other):
    for check in (
        lambda: tree.map_structure(lambda a, b: None, one, other),
        lambda: tree.assert_same_structure(one, other),
    ):
        with pytest.raises(ArgumentError, match="differ in form"):
            check()


def test_what_is_no_function_and_no_structure_is_refused():
    with pytest.raises(DtypeError, match="a callable"):
        tree.map_structure("str", [1])
    with pytest.raises(ArgumentError, match="at least one structure"):
        tree.map_structure(str)
    with pytest.raises(DtypeError, match="an iterable"):
        tree.pack_sequence_as([1], 1)


def test_mapping_up_to_a_shallow_structure_gives_the_parts_below_it():
    assert tree.map_structure_up_to([0, [0]], len, [[1, 2], ["abc"]]) == [2, [3]]
    with pytest.raises(ArgumentError, match=r"map_structure_up_to"):
        tree.map_structure_up_to([0, [0]], len, [[1, 2], "abc"])


def test_paths_are_keys_and_positions():
    structure = {"b": [1, Point(2, 3)], "a": {}}
    found = [(("b", 0), 1), (("b", 1, 0), 2), (("b", 1, 1), 3)]
    assert tree.flatten_with_path(structure) == found
    assert tree.flatten_with_path(7) == [((), 7)]


def test_same_paths_forgive_kinds_and_name_what_differs():
    tree.assert_same_paths([1, {"a": 2}], (3, OrderedDict(a=4)))
    with pytest.raises(ArgumentError, match=r"also in b: \[\(1,\)\]"):
        tree.assert_same_paths([1, 2], [1])


def test_the_old_argument_of_types_warns_or_is_refused():
    with pytest.warns(DeprecationWarning, match="no effect"):
        tree.assert_same_structure([1], [2], check_types=True)
    with pytest.raises(ArgumentError, match="assert_same_paths"):
        tree.assert_same_structure([1], [2], check_types=False)


def test_traversing_down_does_not_enter_what_was_replaced():
    seen = []

    def visit(part):
        seen.append(part)
        return {dict: "d", int: None}.get(type(part))

    assert tree.traverse(visit, [1, {"a": 2}]) == [1, "d"]
    assert seen == [[1, {"a": 2}], 1, {"a": 2}]


def test_traversing_up_sees_what_the_parts_became():
    def total(part):
        return sum(part) if isinstance(part, list) else None

    assert tree.traverse(total, [1, [2, [3]]], top_down=False) == 6


def test_a_part_is_put_to_none_by_its_own_word():
    def drop(part):
        return tree.MAP_TO_NONE if part == 2 else None

    assert tree.traverse(drop, [1, 2]) == [1, None]


def test_lists_become_tuples_at_every_depth():
    assert tree.lists_to_tuples({"a": [1, [2]], "b": (3,)}) == {
        "a": (1, (2,)),
        "b": (3,),
    }


def test_shapes_are_leaves():
    shapes = {"a": (None, 2), "b": [(3,), []]}
    assert tree.map_shape_structure(len, shapes) == {"a": 2, "b": [1, 0]}


@pytest.mark.parametrize("name", ["map_structure", "traverse", "pack_sequence_as"])
def test_arguments_have_keras_names(name):
    assert (
        list(inspect.signature(getattr(tree, name)).parameters)
        == {
            "map_structure": ["func", "structures", "none_is_leaf"],
            "traverse": ["func", "structure", "top_down"],
            "pack_sequence_as": ["structure", "flat_sequence"],
        }[name]
    )
