"""Writing weights files as Keras does, and reading them back."""

from __future__ import annotations

import io

import h5py
import numpy as np
import pytest

from pronghorn.errors import FileFormatError
from pronghorn.saving.hdf5 import WeightsReader, WeightsWriter


def written(arrays):
    writer = WeightsWriter()
    for path, values in arrays.items():
        group = writer.make(path, path.rsplit("/", 1)[-1] or None)
        for i, value in enumerate(values):
            group.create_dataset(str(i), data=value)
    return writer.finish()


@pytest.mark.parametrize(
    "value",
    [
        np.float32(3.5),
        np.arange(6, dtype="float32").reshape(2, 3),
        np.arange(4, dtype="int64"),
        np.array([True, False]),
        np.zeros((0, 3), "float32"),
        np.arange(3, dtype="float16"),
    ],
)
def test_arrays_come_back_bit_for_bit(value):
    back = WeightsReader(written({"a/b": [value]}), "w.h5").get("a/b")["0"]
    assert back.dtype == np.asarray(value).dtype
    np.testing.assert_array_equal(back, value)


def test_big_endian_arrays_come_back_native():
    data = written({"a": [np.arange(3, dtype=">f4")]})
    back = WeightsReader(data, "w.h5").get("a")["0"]
    assert back.dtype == np.dtype("float32") and back.dtype.isnative
    np.testing.assert_array_equal(back, [0, 1, 2])


def test_layout_and_names_are_keras_own():
    with h5py.File(io.BytesIO(written({"": [], "layers/dense": [np.ones(2)]}))) as file:
        assert list(file["vars"]) == []
        assert file["layers/dense/vars/0"].shape == (2,)
        assert file["layers/dense/vars"].attrs["name"] == "dense"


def test_equal_weights_give_equal_bytes():
    assert written({"a": [np.ones(3)]}) == written({"a": [np.ones(3)]})


def test_store_lists_shapes_without_reading():
    reader = WeightsReader(written({"a": [np.ones((2, 3)), np.ones(())]}), "w.h5")
    store = reader.get("a")
    assert (store.keys(), len(store), "1" in store) == (["0", "1"], 2, True)
    assert [store.shape(k) for k in store] == [(2, 3), ()]
    assert len(reader.get("elsewhere")) == 0
    with pytest.raises(FileFormatError, match="no array '2'") as caught:
        store["2"]
    assert "/a/vars" in caught.value.where


def test_elements_and_what_nobody_asked_for():
    data = written({"a": [np.ones((2, 3))], "optimizer": [np.ones(9)]})
    reader = WeightsReader(data, "w.h5")
    assert reader.elements(skip="optimizer") == 6
    reader.get("a")
    assert reader.left_over() == ["optimizer/vars"]


def test_gzip_is_read():
    buffer = io.BytesIO()
    values = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
    with h5py.File(buffer, "w") as file:
        file.create_dataset("a/vars/0", data=values, compression="gzip")
        file.create_dataset("a/vars/1", data=np.zeros(100_000, "f4"), compression=9)
    store = WeightsReader(buffer.getvalue(), "w.h5").get("a")
    np.testing.assert_array_equal(store["0"], values)
    assert not store["1"].any()
