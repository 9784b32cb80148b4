"""Which object's arrays lie at which path."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.errors import FileFormatError
from pronghorn.saving.hdf5 import WeightsReader, WeightsWriter
from pronghorn.saving.state import load_state, save_state, saveables

from .standins import Stateful, TinyDense, TinyModel, tiny


def paths(root, skip=()):
    return [path for path, _ in saveables(root, skip)]


def saved(model, skip=()):
    writer = WeightsWriter()
    save_state(model, writer, skip)
    return WeightsReader(writer.finish(), "w.h5")


def test_layers_are_counted_by_class():
    model = tiny((2, 3), (3, 3), (3, 1))
    assert paths(model) == [
        "",
        "layers/tiny_dense",
        "layers/tiny_dense_1",
        "layers/tiny_dense_2",
    ]


def test_attributes_come_by_name_private_ones_last_and_objects_once():
    root = Stateful("root")
    root._hidden = Stateful("h")
    root.b = Stateful("b")
    root.a = {"x": Stateful("x"), "y": [Stateful("y"), root.b]}
    root.again = root._hidden
    assert paths(root) == [
        "",
        "a/stateful",
        "a/container/stateful",
        "a/container/stateful_1",
        "again",
    ]


def test_circles_end():
    root = Stateful("root")
    root.items = [Stateful("one")]
    root.items.append(root.items)
    root.items[0].parent = root
    assert paths(root) == ["", "items/stateful"]


def test_skipped_objects_are_left_out():
    model = tiny((2, 3), (3, 1))
    assert paths(model, (model.parts[0],)) == ["", "layers/tiny_dense_1"]


def test_weights_come_back():
    model, other = tiny((2, 3), (3, 1)), tiny((2, 3), (3, 1))
    model.parts[1].arrays[0][:] = 7
    load_state(other, saved(model))
    np.testing.assert_array_equal(other.parts[1].arrays[0], np.full((3, 1), 7))


class Counter(Stateful):
    """An optimizer's saving contract: a counter, a rate, one slot for each weight."""

    def __init__(self, slots):
        super().__init__("adam")
        self.arrays = [np.int32(5), np.float32(0.1)]
        self.arrays += [np.full(3, i, "float32") for i in range(slots)]

    @property
    def variables(self):
        return [_Slot(self, i) for i in range(len(self.arrays))]


class _Slot:
    def __init__(self, owner, index):
        self.owner, self.index = owner, index

    def assign(self, value):
        self.owner.arrays[self.index] = value


def with_optimizer(slots):
    model = tiny((2, 3))
    model.optimizer = Counter(slots)
    return model


def test_the_step_counter_is_int64_in_files():
    store = saved(with_optimizer(2)).get("optimizer")
    assert (store["0"].dtype, store["1"].dtype) == ("int64", "float32")


def test_optimizer_state_comes_back():
    model, other = with_optimizer(2), with_optimizer(2)
    model.optimizer.arrays[3][:] = 9
    load_state(other, saved(model))
    np.testing.assert_array_equal(other.optimizer.arrays[3], [9, 9, 9])


def test_a_file_without_slots_leaves_them_new():
    model, other = with_optimizer(0), with_optimizer(2)
    model.optimizer.arrays[:] = [np.int32(0), np.float32(0.25)]
    load_state(other, saved(model))
    assert [float(a) for a in other.optimizer.arrays[:2]] == [0, 0.25]
    np.testing.assert_array_equal(other.optimizer.arrays[3], [1, 1, 1])


def test_a_file_without_optimizer_leaves_it_new():
    model, other = with_optimizer(2), with_optimizer(2)
    load_state(other, saved(model, skip=(model.optimizer,)))
    assert int(other.optimizer.arrays[0]) == 5


def test_another_optimizer_is_refused():
    with pytest.raises(FileFormatError, match="not those of Counter") as caught:
        load_state(with_optimizer(4), saved(with_optimizer(2)))
    assert (caught.value.expected, caught.value.received) == (
        "6 arrays for Counter 'adam'",
        "4 in the file",
    )


def test_a_counter_out_of_range_is_refused():
    model = with_optimizer(2)
    model.optimizer.arrays[0] = np.int64(2**31)
    with pytest.raises(FileFormatError, match="out of range") as caught:
        load_state(with_optimizer(2), saved(model))
    assert "compile=False" in caught.value.remedy


def test_an_uncompiled_model_ignores_optimizer_state():
    load_state(tiny((2, 3)), saved(with_optimizer(2)))


@pytest.mark.parametrize(
    ("file", "model", "message"),
    [
        ([(2, 3)], [(2, 4)], "another shape"),
        ([(2, 3), (3, 1)], [(2, 3)], "no part of the model takes"),
        ([(2, 3)], [(2, 3), (3, 1)], "not those of TinyDense 'd1'"),
    ],
)
def test_weights_of_another_model_are_refused(file, model, message):
    with pytest.raises(FileFormatError, match=message) as caught:
        load_state(tiny(*model), saved(tiny(*file)))
    assert "w.h5: /layers/tiny_dense" in caught.value.where


def test_skip_mismatch_warns_and_keeps_what_does_not_fit():
    model = tiny((2, 4), (3, 1))
    file = tiny((2, 3), (3, 1))
    file.parts[1].arrays[0][:] = 8
    with pytest.warns(UserWarning, match="another shape"):
        load_state(model, saved(file), skip_mismatch=True)
    assert model.parts[0].arrays[0].shape == (2, 4)
    assert (model.parts[1].arrays[0] == 8).all()


def test_an_error_of_a_layer_names_it():
    class Stubborn(TinyDense):
        def load_own_variables(self, store):
            raise ValueError("I will not")

    file, model = TinyModel([Stubborn(2, 3)]), TinyModel([Stubborn(2, 3)])
    with pytest.raises(FileFormatError, match="cannot be taken over") as caught:
        load_state(model, saved(file))
    assert caught.value.received == "I will not"


def test_a_property_of_a_users_class_names_what_it_gives():
    """As in Keras: names are visited in order, private ones last."""

    class Named(Stateful):
        @property
        def encoder(self):
            return self._part

        @property
        def broken(self):
            raise ValueError("not yet")

    root = Named("root")
    root._part = Stateful("part")
    assert paths(root) == ["", "encoder"]


def test_an_object_is_found_under_its_other_name_too():
    class Plain(Stateful):
        pass

    class Renamed(Stateful):
        @property
        def dense(self):
            return self.a_dense

    one, other = Plain("root"), Renamed("root")
    one.dense, other.a_dense = tiny((2, 3)).parts[0], tiny((2, 3)).parts[0]
    one.dense.arrays[0][:] = 5
    load_state(other, saved(one))
    np.testing.assert_array_equal(other.a_dense.arrays[0], one.dense.arrays[0])
    one.dense.arrays[0] = np.ones((7, 7), "float32")
    with pytest.raises(FileFormatError, match=r"not those of|another shape"):
        load_state(other, saved(one))
