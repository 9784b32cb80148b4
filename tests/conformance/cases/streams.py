"""Batches from generators and data sets; counted steps; data sets split in two."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import (
    Case,
    CaseTable,
    Results,
    arrays,
    assert_backend,
    jsonable,
)

SIZES = (8, 8, 8, 3, 8, 12, 12, 1)  # of batches: they add up to 60 rows


def net(k: Any) -> Any:
    """A net compiled with Adam and a metric."""
    model = data.mlp(k)
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model


def parts(sizes: tuple[int, ...] = (8,) * 9) -> Iterator[slice]:
    """Rows of batches of these sizes, one after the other."""
    at = 0
    for size in sizes:
        yield slice(at, at + size)
        at += size


def endless(weights: bool = False) -> Iterator[Any]:
    """Batches of nine parts, again and again."""
    columns = [data.features(), data.numbers()]
    columns += [data.row_weights()] if weights else []
    while True:
        for part in parts():
            yield tuple(column[part] for column in columns)


def numbered(k: Any, sizes: tuple[int, ...], columns: Any, **options: Any) -> Any:
    """A `PyDataset` of these batches; `.log` holds what was asked of it."""
    places = list(parts(sizes))

    class Numbered(k.utils.PyDataset):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(**options)
            self.log: list[Any] = []

        def __len__(self) -> int:
            return len(places)

        def __getitem__(self, index: int) -> Any:
            self.log.append(index)
            return tuple(column[places[index]] for column in columns)

        def on_epoch_begin(self) -> None:
            self.log.append("begin")

        def on_epoch_end(self) -> None:
            self.log.append("end")

    return Numbered()


def trained(k: Any, model: Any, *given: Any, **options: Any) -> Results:
    """`fit` in the given order: history, epochs, parameters, weights, warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(*given, **{"verbose": 0, "shuffle": False, **options})
    assert_backend(k, model)
    short = [w for w in caught if "ran out of data" in str(w.message)]
    return {
        "history": {n: np.asarray(v) for n, v in history.history.items()},
        "epochs": jsonable(history.epoch),
        "steps": history.params["steps"],
        "short epochs": len(short),
        "weights": arrays(model.get_weights()),
    }


def from_generator(k: Any, **options: Any) -> Results:
    """A generator without an end."""
    return trained(k, net(k), endless(**options), epochs=4, steps_per_epoch=7)


def from_numbered(
    k: Any, sizes: tuple[int, ...], weighted: bool = False, **options: Any
) -> Results:
    """A `PyDataset`; evaluate and predict from it too."""
    columns = [data.features(), data.numbers()]
    columns += [data.row_weights()] if weighted else []
    model = net(k)
    stream = numbered(k, sizes, columns)
    results = trained(k, model, stream, **options)
    found = model.evaluate(numbered(k, sizes, columns), verbose=0)
    some = model.evaluate(numbered(k, sizes, columns), steps=2, verbose=0)
    predicted = model.predict(numbered(k, sizes, columns), verbose=0)
    return results | {
        "history of evaluate": np.asarray(found),
        "history of two steps": np.asarray(some),
        "predicted": np.asarray(predicted),
    }


def weighted_classes(k: Any) -> Results:
    """class_weight beside a `PyDataset`."""
    model = data.mlp(k, 1, "sigmoid")
    model.compile("sgd", "binary_crossentropy")
    stream = numbered(k, SIZES, [data.features(), data.binary()])
    return trained(k, model, stream, epochs=3, class_weight={0: 0.25, 1: 2.0})


def over_arrays(k: Any, **options: Any) -> Results:
    """Counted steps over arrays, in training and in validation."""
    x, y = data.features(), data.numbers()
    return trained(k, net(k), x, y, **options)


def counted(k: Any, steps: int, batch_size: int | None) -> Results:
    """`steps` of evaluate and predict over arrays."""
    model, x, y = net(k), data.features(), data.numbers()
    options = {"steps": steps, "batch_size": batch_size, "verbose": 0}
    return {
        "history of evaluate": np.asarray(model.evaluate(x, y, **options)),
        "predicted": np.asarray(model.predict(x, **options)),
    }


def validated(k: Any, frequency: Any) -> Results:
    """A `PyDataset` to measure on, at some epochs."""
    x, y = data.features(), data.numbers()
    held = numbered(k, SIZES, [x, y])
    options = {"validation_data": held, "validation_freq": frequency}
    return trained(k, net(k), x, y, batch_size=13, epochs=4, **options)


def packed(k: Any) -> Results:
    """Batches taken apart and put together."""
    pack, unpack = k.utils.pack_x_y_sample_weight, k.utils.unpack_x_y_sample_weight
    given = ["x", ("x",), ["x", "y"], ("x", "y", "w")]
    return {
        "unpacked": jsonable([unpack(item) for item in given]),
        "packed": jsonable([pack("x"), pack(["x"]), pack("x", "y"), pack(*"xyw")]),
    }


def cases() -> CaseTable:
    """Cases of streams."""
    yield Case("streams/generator/plain", from_generator)
    yield Case("streams/generator/weighted", lambda k: from_generator(k, weights=True))
    for name, options in {
        "plain": {"epochs": 3},
        "weighted": {"epochs": 2, "weighted": True},
        "counted": {"epochs": 5, "steps_per_epoch": 3},
        "initial epoch": {"epochs": 4, "initial_epoch": 2},
    }.items():
        yield Case(
            f"streams/PyDataset/{name}",
            lambda k, options=options: from_numbered(k, SIZES, **options),
        )
    yield Case("streams/PyDataset/class weights", weighted_classes)
    for frequency in (1, 3, [1, 4]):
        yield Case(
            f"streams/validation/every {frequency}",
            lambda k, f=frequency: validated(k, f),
        )
    held = (data.features(7), data.numbers())
    for name, arguments in {
        "fewer": {"batch_size": 8, "epochs": 7, "steps_per_epoch": 4},
        "all": {"batch_size": 8, "epochs": 2, "steps_per_epoch": 10},
        "more": {"batch_size": 8, "epochs": 2, "steps_per_epoch": 12},
        "no batch size": {"epochs": 3, "steps_per_epoch": 4},
        "of validation": {
            "batch_size": 20,
            "epochs": 3,
            "validation_data": held,
            "validation_steps": 3,
            "validation_batch_size": 9,
            "validation_freq": 2,
        },
    }.items():
        yield Case(f"streams/arrays/{name}", lambda k, a=arguments: over_arrays(k, **a))
    for steps, batch_size in ((3, 8), (4, None)):
        yield Case(
            f"streams/arrays/{steps} steps of {batch_size}",
            lambda k, s=steps, b=batch_size: counted(k, s, b),
        )
    yield Case("streams/packing/all", packed)
