"""Objects that occur twice in a config."""

from __future__ import annotations

import json

from pronghorn import layers, regularizers
from pronghorn.config import deserialize, serialize
from pronghorn.sharing import mark_shared, object_sharing_scope, prune_shared, revived


def pair():
    """Two wrappers around one layer, and one around another."""
    shared = layers.Dense(2, name="shared")
    return [
        layers.TimeDistributed(shared, name="one"),
        layers.TimeDistributed(shared, name="two"),
        layers.TimeDistributed(layers.Dense(2, name="other"), name="three"),
    ]


def test_shared_objects_stay_shared():
    with object_sharing_scope():
        data = prune_shared(serialize(pair()))
    numbers = [d["config"]["layer"].get("shared_object_id") for d in data]
    assert numbers[0] == numbers[1] is not None and numbers[2] is None
    assert "shared_object_id" not in data[0]
    with object_sharing_scope():
        one, two, three = deserialize(data)
    assert one.layer is two.layer is not three.layer
    one, two, _ = deserialize(data)  # outside of a scope nothing is remembered
    assert one.layer is not two.layer


def test_equal_objects_give_equal_configs():
    def write():
        with object_sharing_scope():
            return json.dumps(serialize(pair()))

    assert write() == write()


def test_an_inner_scope_begins_anew_and_gives_the_outer_one_back():
    part = regularizers.L2(0.1)
    with object_sharing_scope():
        outer, inner, again = {}, {}, {}
        mark_shared(object(), {})
        mark_shared(part, outer)
        with object_sharing_scope():
            mark_shared(part, inner)
        mark_shared(part, again)
    assert outer == again == {"shared_object_id": 2}
    assert inner == {"shared_object_id": 1}
    mark_shared(part, outside := {})
    assert outside == {} and revived() is None
