"""Weights files that point elsewhere, lie about sizes, or hold what is no number."""

from __future__ import annotations

import io

import h5py
import numpy as np
import pytest

from pronghorn.errors import FileFormatError
from pronghorn.saving import hdf5
from pronghorn.saving.hdf5 import WeightsReader, WeightsWriter

from ..standins import changed
from .helpers import load, refused


def weights(make):
    """A weights file as for the model `tiny((2, 3))`, in which `make` does evil."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_group("vars")
        make(file.create_group("layers/tiny_dense/vars"))
    return buffer.getvalue()


def honest(group):
    group["0"] = np.ones((2, 3), "float32")
    group["1"] = np.ones(3, "float32")


def test_the_honest_one_loads():
    model = load(changed(weights=weights(honest)))
    assert model.parts[0].arrays[0].sum() == 6


def soft_link(group):
    group["0"] = h5py.SoftLink("/vars")


def external_link(group):
    group["0"] = h5py.ExternalLink("/etc/passwd", "/")


def external_group(group):
    group.parent.parent["other"] = h5py.ExternalLink("other.h5", "/")


def virtual(group):
    layout = h5py.VirtualLayout((3,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
    group.create_virtual_dataset("0", layout)


def external_storage(group):
    group.create_dataset("0", (3,), "f4", external=[("/etc/passwd", 0, 12)])


def named_type(group):
    group["0"] = np.dtype("f4")


def nothing(group):
    group["0"] = h5py.Empty("f4")


@pytest.mark.parametrize(
    ("evil", "word"),
    [
        (soft_link, "SoftLink"),
        (external_link, "ExternalLink"),
        (external_group, "ExternalLink"),
        (virtual, "virtual"),
        (external_storage, "external storage"),
        (named_type, "Datatype"),
        (nothing, "dataspace"),
    ],
)
def test_arrays_that_are_elsewhere_or_nowhere(evil, word):
    with refused(word):
        load(changed(weights=weights(evil)))


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "lzf"},
        {"shuffle": True},
        {"fletcher32": True},
        {"scaleoffset": 2},
        {"compression": "gzip", "shuffle": True},
    ],
)
def test_filters_other_than_gzip(options):
    def make(group):
        group.create_dataset("0", data=np.ones((20, 3), "float32"), **options)

    with refused("filter"):
        load(changed(weights=weights(make)))


@pytest.mark.parametrize(
    "data",
    [
        np.array([b"text"]),
        np.array(["text"], dtype=h5py.string_dtype()),
        np.zeros(2, [("a", "f4"), ("b", "i4")]),
        np.zeros(2, "complex64"),
        np.zeros(2, "V2"),
        np.zeros(2, np.longdouble),
    ],
    ids=["bytes", "strings", "compound", "complex", "opaque", "long"],
)
def test_what_is_no_number(data):
    def make(group):
        group["0"] = data

    with refused("numbers"):
        load(changed(weights=weights(make)))


def references(group):
    group.create_dataset("0", data=group.ref, dtype=h5py.ref_dtype)


def test_references():
    with refused("numbers"):
        load(changed(weights=weights(references)))


SIZE = 1 << 40  # numbers: 4 TiB


def unwritten(group):
    group.create_dataset("0", (SIZE,), "f4")


def unwritten_chunks(group):
    group.create_dataset("0", (SIZE,), "f4", chunks=(1024,))


def unwritten_gzip(group):
    group.create_dataset("0", (SIZE,), "f4", chunks=(1024,), compression="gzip")[0] = 1


def huge_chunk(group):
    group.create_dataset(
        "0", (2,), "f4", chunks=(1 << 28,), maxshape=(None,), compression="gzip"
    )


@pytest.mark.parametrize(
    "evil", [unwritten, unwritten_chunks, unwritten_gzip, huge_chunk]
)
def test_arrays_larger_than_what_is_stored(evil):
    with refused("declares more"):
        load(changed(weights=weights(evil)))


def test_gzipped_zeros_without_end(monkeypatch):
    """Each array within gzip's ratio, all of them together beyond reason."""
    monkeypatch.setattr(hdf5, "MAX_EXPANSION", 1)
    monkeypatch.setattr(hdf5, "MIB", 1 << 12)

    def make(group):
        zeros = np.zeros((100, 1000), "float32")
        for i in range(20):
            group.create_dataset(str(i), data=zeros, compression="gzip")

    with refused("declares more"):
        load(changed(weights=weights(make)))


def test_the_model_rules_the_shapes_before_they_are_read():
    def make(group):
        group["0"] = np.ones((2, 3), "float32")
        group["1"] = np.ones((4, 1), "float32")

    with refused("another shape"):
        load(changed(weights=weights(make)))


def test_groups_without_end():
    def make(group):
        group["0"] = group.parent

    with refused("levels of groups"):
        load(changed(weights=weights(make)))


def test_too_many_objects(monkeypatch):
    monkeypatch.setattr(hdf5, "MAX_OBJECTS", 50)

    def make(group):
        for i in range(60):
            group.create_group(str(i))

    with refused("objects"):
        load(changed(weights=weights(make)))


@pytest.mark.parametrize("part", [0, 0.01, 0.3, 0.6, 0.9])
def test_truncated(part):
    data = weights(honest)
    with refused("weights cannot be read"):
        load(changed(weights=data[: int(len(data) * part)]))


def test_missing_and_extra_arrays():
    def missing(group):
        group["0"] = np.ones((2, 3), "float32")

    def extra(group):
        honest(group)
        group.parent.parent["other/vars/0"] = np.ones(3)

    def misnamed(group):
        group["0"] = np.ones((2, 3), "float32")
        group["one"] = np.ones(3, "float32")

    with refused("not those of TinyDense"):
        load(changed(weights=weights(missing)))
    with refused("no part of the model takes"):
        load(changed(weights=weights(extra)))
    with refused("no array '1'"):
        load(changed(weights=weights(misnamed)))


def test_random_damage_never_ends_otherwise():
    """Here without the archive's checksums, which notice damage before."""
    rng = np.random.default_rng(0)
    good = weights(honest)
    read = refusals = 0
    for _ in range(400):
        data = bytearray(good)
        for _ in range(rng.integers(1, 6)):
            data[rng.integers(len(data))] = rng.choice([0, 255, rng.integers(256)])
        try:
            reader = WeightsReader(bytes(data), "evil.h5")
            store = reader.get("layers/tiny_dense")
            assert sum(store[key].nbytes for key in store) < 1 << 20
            read += 1
        except FileFormatError:
            refusals += 1
    assert read > 20 and refusals > 20


def test_writer_and_attacks_use_the_same_layout():
    """Otherwise the attacks above would be refused for another reason."""
    writer = WeightsWriter()
    honest(writer.make("layers/tiny_dense", "d0"))
    reader = WeightsReader(writer.finish(), "w.h5")
    assert reader.get("layers/tiny_dense").keys() == ["0", "1"]
