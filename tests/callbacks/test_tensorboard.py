"""TensorBoard: the files, read back by a reader of the tests' own."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import callbacks
from pronghorn.callbacks.event_file import EventFile
from pronghorn.errors import ArgumentError, UnsupportedError

from .event_reader import crc32c, points, records

draw = np.random.default_rng(0)
X = draw.normal(size=(20, 3)).astype("float32")
Y = (X @ [[1.0], [-2.0], [0.5]]).astype("float32")

# One record as TensorFlow 2.21 wrote it: tf.summary.scalar("loss", 0.5, step=3).
OF_TENSORFLOW = (
    "LgAAAAAAAADFy1f6CY6RL4WkwtpBEAMqIQofCgRs"
    "b3NzQgoIARIAIgQAAAA/SgsKCQoHc2NhbGFyc1xdzAA="
)


def net() -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.layers.Dense(4, input_shape=(3,), name="one"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.01), loss="mse", metrics=["mae"])
    return model


def fit(model: Any, board: Any, *more: Any, epochs: int = 3) -> Any:
    return model.fit(
        X,
        Y,
        batch_size=4,
        epochs=epochs,
        validation_data=(X[:8], Y[:8]),
        callbacks=[board, *more],
        verbose=0,
    )


def curves(folder: Path) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for point in points(folder):
        if point.plugin == "scalars":
            found.setdefault(point.tag, {})[point.step] = float(point.value)
    return found


def test_the_reader_of_these_tests() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C
    whole = base64.b64decode(OF_TENSORFLOW)
    (record,) = records(whole)
    assert b"scalars" in record
    for place in (0, 9, 20, len(whole) - 1):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1
        with pytest.raises((AssertionError, MemoryError)):
            records(bytes(spoilt))


def test_a_value_is_written_as_tensorflow_writes_it(tmp_path: Path) -> None:
    file = EventFile(tmp_path)
    file.scalar("loss", 0.5, 3)
    file.close()
    ours = records(Path(file.path).read_bytes())[1]
    (theirs,) = records(base64.b64decode(OF_TENSORFLOW))
    assert ours[9:] == theirs[9:]  # behind the time


def test_the_curves_are_the_history(tmp_path: Path) -> None:
    model = net()
    history = fit(model, callbacks.TensorBoard(log_dir=tmp_path)).history
    train, validation = curves(tmp_path / "train"), curves(tmp_path / "validation")
    assert set(train) == {"epoch_loss", "epoch_mae", "epoch_learning_rate"}
    for name in ("loss", "mae"):
        wanted = dict(enumerate(np.float32(history[name])))
        assert train[f"epoch_{name}"] == wanted
        wanted = dict(enumerate(np.float32(history[f"val_{name}"])))
        assert validation[f"epoch_{name}"] == wanted
        by_steps = validation[f"evaluation_{name}_vs_iterations"]
        assert by_steps == dict(zip((5, 10, 15), wanted.values(), strict=True))
    assert train["epoch_learning_rate"] == dict.fromkeys(range(3), np.float32(0.01))


@pytest.mark.parametrize(
    ("update_freq", "steps"),
    [
        ("epoch", []),
        ("batch", list(range(1, 16))),
        (1, list(range(1, 16))),
        (4, [4, 8, 12]),
    ],
)
def test_batches(tmp_path: Path, update_freq: Any, steps: list[int]) -> None:
    board = callbacks.TensorBoard(tmp_path, update_freq=update_freq)
    told: dict[int, float] = {}
    look = callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: told.update(
            {len(told) + 1: logs["loss"]}
        )
    )
    fit(net(), board, look)
    found = curves(tmp_path / "train")
    assert found.get("batch_loss", {}) == {s: np.float32(told[s]) for s in steps}
    assert ("batch_mae" in found) is bool(steps)


def test_speed(tmp_path: Path) -> None:
    board = callbacks.TensorBoard(tmp_path, write_steps_per_second=True, update_freq=5)
    fit(net(), board)
    found = curves(tmp_path / "train")
    assert sorted(found["epoch_steps_per_second"]) == [0, 1, 2]
    assert sorted(found["batch_steps_per_second"]) == [5, 10, 15]
    assert min(found["epoch_steps_per_second"].values()) > 0


def test_histograms(tmp_path: Path) -> None:
    model, kept = net(), []
    look = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.append(model.get_weights())
    )
    fit(model, callbacks.TensorBoard(tmp_path, histogram_freq=2), look)
    found = [p for p in points(tmp_path / "train") if p.plugin == "histograms"]
    tags = [f"{w.path}/histogram" for w in model.weights]
    assert [(p.tag, p.step) for p in found] == [(t, s) for s in (0, 2) for t in tags]
    for point in found:
        weight = kept[point.step][tags.index(point.tag)].astype("float64")
        low, high, count = point.value.T
        assert point.value.shape == (30, 3)
        assert (low[0], high[-1]) == (weight.min(), weight.max())
        assert (low[1:] == high[:-1]).all()
        if weight.size > 1:
            wanted = np.histogram(weight, 30, (weight.min(), weight.max()))[0]
            assert count.tolist() == wanted.tolist()
        else:
            assert count.tolist() == [0.0] * 29 + [1.0]


def test_pictures(tmp_path: Path) -> None:
    model = net()
    board = callbacks.TensorBoard(tmp_path, histogram_freq=1, write_images=True)
    fit(model, board, epochs=1)
    found = {p.tag: p.value for p in points(tmp_path / "train") if p.plugin == "images"}
    tags = [f"{w.path}/image" for w in model.weights if w.size > 1]
    assert list(found) == tags
    width, height, png = found[tags[0]]
    assert (width, height) == (b"4", b"3")
    wanted = np.clip(np.floor(model.weights[0].numpy() * 255.5), 0, 255)
    np.testing.assert_array_equal(_pixels(png, 4), wanted)


def _pixels(png: bytes, width: int) -> np.ndarray:
    """The pixels of a grey PNG whose lines are not filtered."""
    place, data = 8, b""
    while place < len(png):
        size = int.from_bytes(png[place : place + 4], "big")
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        end = png[place + 8 + size : place + 12 + size]
        assert zlib.crc32(kind + content) == int.from_bytes(end, "big")
        data += content if kind == b"IDAT" else b""
        place += 12 + size
    lines = np.frombuffer(zlib.decompress(data), "uint8").reshape(-1, width + 1)
    assert not lines[:, 0].any()
    return lines[:, 1:]


@pytest.mark.parametrize("write_graph", [False, True])
def test_the_graph_is_the_model_s_config(tmp_path: Path, write_graph: bool) -> None:
    model = net()
    fit(model, callbacks.TensorBoard(tmp_path, write_graph=write_graph), epochs=1)
    found = [p for p in points(tmp_path / "train") if p.plugin == "graph_keras_model"]
    assert len(found) == write_graph
    for point in found:
        assert (point.tag, point.step) == ("keras", 0)
        assert json.loads(point.value[0])["class_name"] == "Sequential"


def test_a_subclassed_model_has_no_graph(tmp_path: Path) -> None:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    model = Net()
    model.compile("sgd", "mse")
    fit(model, callbacks.TensorBoard(tmp_path), epochs=1)
    plugins = {p.plugin for p in points(tmp_path / "train")}
    assert plugins == {"scalars"}


def test_an_evaluation_alone(tmp_path: Path) -> None:
    model = net()
    board = callbacks.TensorBoard(tmp_path, write_graph=False)
    loss, _ = model.evaluate(X, Y, callbacks=[board], verbose=0)
    found = curves(tmp_path / "validation")
    assert found["evaluation_loss_vs_iterations"] == {0: np.float32(loss)}
    assert not (tmp_path / "train").exists()


def embedded() -> Any:
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Embedding(4, 3, name="words"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ],
        name="net",
    )
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    return model


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        (None, []),
        ("names.tsv", ['  metadata_path: "../names.tsv"']),
        ({"words": "/full/names.tsv"}, ['  metadata_path: "/full/names.tsv"']),
    ],
)
def test_embeddings_for_the_projector(
    tmp_path: Path, metadata: Any, told: list[str]
) -> None:
    model, ids = embedded(), np.arange(8).reshape(4, 2) % 4
    board = callbacks.TensorBoard(
        tmp_path, embeddings_freq=2, embeddings_metadata=metadata
    )
    model.fit(ids, Y[:4], epochs=3, callbacks=[board], verbose=0)
    train = tmp_path / "train"
    table = np.loadtxt(train / "words.tsv", dtype="float32", delimiter="\t")
    np.testing.assert_array_equal(table, model.layers[0].embeddings.numpy())
    lines = (train / "projector_config.pbtxt").read_text().splitlines()
    assert lines[:3] == [
        "embeddings {",
        '  tensor_name: "net/words/embeddings"',
        '  tensor_path: "words.tsv"',
    ]
    assert lines[3:] == [*told, "}"]
    kept = sorted(path.name for path in train.glob("*.weights.h5"))
    assert kept == [f"keras_embedding.ckpt-{epoch}.weights.h5" for epoch in (0, 2)]
    again = embedded()
    again.load_weights(train / kept[1])
    np.testing.assert_array_equal(again.predict(ids), model.predict(ids))


def test_metadata_of_what_is_no_embedding(tmp_path: Path) -> None:
    board = callbacks.TensorBoard(
        tmp_path, embeddings_freq=1, embeddings_metadata={"word": "names.tsv"}
    )
    with pytest.raises(ArgumentError, match="expected: words"):
        embedded().fit(np.zeros((4, 2)), Y[:4], callbacks=[board], verbose=0)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"update_freq": "often"}, ArgumentError),
        ({"update_freq": 0}, ArgumentError),
        ({"histogram_freq": -1}, ArgumentError),
        ({"profile_batch": 2}, UnsupportedError),
        ({"profile_batch": (2, 4)}, UnsupportedError),
        ({"embeddings_freq": -1}, ArgumentError),
    ],
)
def test_arguments_that_do_not_fit(arguments: Any, error: Any) -> None:
    with pytest.raises(error) as caught:
        callbacks.TensorBoard(**arguments)
    assert next(iter(arguments)) in str(caught.value)
