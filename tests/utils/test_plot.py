"""`plot_model`, `model_to_dot`: what is in the picture, where, in which formats."""

from __future__ import annotations

import itertools
import re
import struct
import sys
import types
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, StateError, UnsupportedError
from pronghorn.utils import model_to_dot, plot_model
from pronghorn.utils.plot.layout import place

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if IPython did not run, whatever other tests imported."""
    monkeypatch.delitem(sys.modules, "IPython.display", raising=False)


def wide_and_deep() -> Any:
    wide, deep = keras.Input((5,), name="wide"), keras.Input((3,), name="deep")
    hidden = layers.Dense(4, activation="relu", name="hidden")(deep)
    joined = layers.Concatenate(name="joined")([wide, hidden * 2])
    return keras.Model([wide, deep], layers.Dense(1, name="end")(joined))


def texts(path: Path) -> list[str]:
    return [t.text or "" for t in ET.parse(path).getroot().iter(f"{SVG}text")]


def test_each_option_adds_its_line(tmp_path: Path) -> None:
    path, model = tmp_path / "m.svg", wide_and_deep()
    assert plot_model(model, path) is None
    plain = ["Concatenate", "Dense", "Dense", "InputLayer", "InputLayer", "Multiply"]
    assert sorted(texts(path)) == plain
    model.get_layer("hidden").trainable = False
    for option, lines in {
        "show_layer_names": {"hidden (Dense)", "wide (InputLayer)"},
        "show_shapes": {
            "Input shape: (None, 5), (None, 4)",
            "Output shape: (None, 9)",
        },
        "show_dtype": {"Output dtype: float32"},
        "show_layer_activations": {"Activation: relu", "Activation: linear"},
        "show_trainable": {"Trainable: False", "Trainable: True"},
    }.items():
        plot_model(model, path, **{option: True})
        assert lines <= set(texts(path))


def test_edges_go_from_what_feeds_to_what_is_fed(tmp_path: Path) -> None:
    path = tmp_path / "m.svg"
    plot_model(wide_and_deep(), path, show_layer_names=True)
    assert len(list(ET.parse(path).getroot().iter(f"{SVG}polyline"))) == 5


@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_rankdir_turns_the_picture(tmp_path: Path, rankdir: str) -> None:
    path = tmp_path / "m.svg"
    model = keras.Sequential(
        [layers.Dense(2, input_shape=[3], name="a"), layers.Dense(1, name="b")]
    )
    plot_model(model, path, show_layer_names=True, rankdir=rankdir)
    a, b = (
        next(t for t in ET.parse(path).getroot().iter(f"{SVG}text") if t.text == name)
        for name in ("a (Dense)", "b (Dense)")
    )
    axis = "y" if rankdir in ("TB", "BT") else "x"
    forward = float(a.attrib[axis]) < float(b.attrib[axis])
    assert forward is (rankdir in ("TB", "LR"))


def pixels(data: bytes) -> np.ndarray:
    """Reads a grey PNG, and checks its sums."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place_, packed, size = 8, b"", (0, 0)
    while place_ < len(data):
        length, kind = struct.unpack(">I4s", data[place_ : place_ + 8])
        body = data[place_ + 8 : place_ + 8 + length]
        (crc,) = struct.unpack(">I", data[place_ + 8 + length : place_ + 12 + length])
        assert crc == zlib.crc32(kind + body)
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])[::-1]
        packed += body if kind == b"IDAT" else b""
        place_ += 12 + length
    rows = np.frombuffer(zlib.decompress(packed), "uint8").reshape(size[0], -1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


def test_png_is_the_default_and_grows_with_dpi(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    model = wide_and_deep()
    plot_model(model)
    large = pixels(Path("model.png").read_bytes())
    plot_model(model, "small", dpi=72)
    small = pixels(Path("small").read_bytes())
    assert large.shape == tuple(3 * n for n in small.shape)
    assert (large[::3, ::3] == small).mean() > 0.98
    assert 0.05 < (small == 0).mean() < 0.5
    assert (small[:8] == 255).all() and (small[:, -8:] == 255).all()


def test_a_subclassed_model_is_one_box(tmp_path: Path) -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.dense = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Own()
    with pytest.raises(StateError, match="not built"):
        plot_model(model, tmp_path / "m.svg")
    model(np.zeros((2, 3), "float32"))
    plot_model(model, tmp_path / "m.svg", show_layer_names=True)
    assert texts(tmp_path / "m.svg") == ["own (Own)"]


def test_names_are_escaped_and_strange_letters_drawn_as_a_question(
    tmp_path: Path,
) -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3], name="<a&b>é")])
    plot_model(model, tmp_path / "m.svg", show_layer_names=True)
    assert texts(tmp_path / "m.svg") == ["<a&b>é (Dense)"]
    plot_model(model, tmp_path / "m.png", show_layer_names=True)


def rectangles(path: Path, fill: str) -> list[tuple[float, ...]]:
    """Left, top, right and bottom of the boxes with a fill."""
    found = []
    for node in list(ET.parse(path).getroot().iter(f"{SVG}rect"))[1:]:
        if node.attrib["fill"] == fill:
            x, y, w, h = (
                float(node.attrib[name]) for name in ("x", "y", "width", "height")
            )
            found.append((x, y, x + w, y + h))
    return found


@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_models_in_models_are_one_box_or_frames_around_their_layers(
    tmp_path: Path, rankdir: str
) -> None:
    path = tmp_path / "m.svg"
    deepest = keras.Sequential([layers.Dense(1, input_shape=[4])], name="deepest")
    inner = keras.Sequential([layers.Dense(4, input_shape=[3]), deepest], name="inner")
    x = keras.Input((3,))
    nested = keras.Model(x, layers.Add()([inner(x), layers.Dense(1)(x)]))
    plot_model(nested, path, rankdir=rankdir)
    assert sorted(texts(path)) == ["Add", "Dense", "InputLayer", "Sequential"]
    assert not rectangles(path, "none")
    plot_model(nested, path, rankdir=rankdir, expand_nested=True, show_layer_names=True)
    found = texts(path)
    assert {"inner (Sequential)", "deepest (Sequential)"} <= set(found)
    assert sum("(Dense)" in text for text in found) == 3
    frames, boxes = rectangles(path, "none"), rectangles(path, "white")
    within = [
        sum(
            a[0] <= b[0] and a[1] <= b[1] and b[2] <= a[2] and b[3] <= a[3]
            for b in boxes
        )
        for a in frames
    ]
    # The deepest model holds one layer; the one around it that, and one of its own.
    assert sorted(within) == [1, 2]
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    plot_model(nested, tmp_path / "m.png", rankdir=rankdir, expand_nested=True)
    assert (pixels((tmp_path / "m.png").read_bytes()) == 0).any()


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    model = wide_and_deep()
    for kind in ("pdf", "jpg"):
        with pytest.raises(UnsupportedError, match=kind):
            plot_model(model, tmp_path / f"m.{kind}")
    path = tmp_path / "m.png"
    for wrong in (
        {"rankdir": "UP"},
        {"splines": "wavy"},
        {"dpi": 0},
        {"subgraph": True},
        {"layer_range": ["a", "b"]},
    ):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            plot_model(model, path, **wrong)
    with pytest.raises(UnsupportedError, match="pdf"):
        model_to_dot(model).create(format="pdf")


def nested() -> Any:
    """A model of models: two deep, one of them with two inputs."""
    deep = keras.Sequential(
        [layers.Dense(4, input_shape=[3], name="one"), layers.Dense(2, name="two")],
        name="deep",
    )
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    middle = keras.Model([a, b], layers.Add(name="sum")([deep(a), b]), name="middle")
    x, y = keras.Input((3,), name="x"), keras.Input((2,), name="y")
    return keras.Model([x, y], layers.Dense(1, name="end")(middle([x, y])))


def arrows(text: str) -> set[tuple[str, str]]:
    """Which layer feeds which, by their names."""
    names = dict(re.findall(r'(n\d+) \[label="(\w+)', text))
    return {(names[a], names[b]) for a, b in re.findall(r"(n\d+) -> (n\d+)", text)}


def test_models_in_a_model_are_one_box_or_taken_apart(tmp_path: Path) -> None:
    whole = model_to_dot(nested())
    assert arrows(whole.to_string()) == {("x", "middle"), ("y", "middle")} | {
        ("middle", "end")
    }
    apart = model_to_dot(nested(), expand_nested=True)
    text = apart.to_string()
    assert arrows(text) == {
        *(("x", "a"), ("y", "b"), ("a", "one"), ("one", "two")),
        *(("two", "sum"), ("b", "sum"), ("sum", "end")),
    }
    assert text.index("cluster_middle") < text.index("cluster_deep")
    assert text.count("{") == text.count("}") == 3
    path = tmp_path / "m.svg"
    plot_model(nested(), path, show_layer_names=True, expand_nested=True)
    names = {text.split()[0] for text in texts(path)}
    assert names == {*"a b x y one two sum end".split(), "middle", "deep"}


def test_a_part_of_a_larger_graph() -> None:
    text = str(model_to_dot(wide_and_deep(), subgraph=True))
    assert text.startswith("subgraph ") and "->" in text and text.endswith("}")


def test_the_graph_writes_itself(tmp_path: Path) -> None:
    dot = model_to_dot(wide_and_deep(), show_shapes=True, splines="curved")
    assert b"Output shape: (None, 9)" in dot.create(prog="dot", format="svg")
    assert pixels(dot.create_png()).any()
    for write, start in {
        dot.write_png: b"\x89PNG",
        dot.write_svg: b"<svg",
        dot.write_dot: b"digraph G {",
        dot.write_raw: b"digraph G {",
    }.items():
        assert write(tmp_path / "m")
        assert (tmp_path / "m").read_bytes().startswith(start)
    plot_model(wide_and_deep(), tmp_path / "m.dot")
    bare = model_to_dot(wide_and_deep(), show_layer_names=False)
    assert (tmp_path / "m.dot").read_text() == f"{bare}\n"
    assert dot._repr_svg_().startswith("<svg")


def test_labels_are_escaped_in_the_text() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3], name='a"b\\c')])
    assert r'[label="a\"b\\c (Dense)"]' in model_to_dot(model).to_string()


def test_a_notebook_gets_something_to_show(tmp_path: Path, monkeypatch: Any) -> None:
    shown = types.SimpleNamespace(Image=lambda p: ("png", p), SVG=lambda p: ("svg", p))
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    for kind in ("png", "svg"):
        path = str(tmp_path / f"m.{kind}")
        assert plot_model(wide_and_deep(), path) == (kind, path)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("ortho", [True, False])
def test_boxes_never_overlap_and_edges_end_at_their_boxes(
    seed: int, ortho: bool
) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 15))
    sizes = [tuple(rng.uniform(20, 90, 2)) for _ in range(count)]
    pairs = itertools.combinations(range(count), 2)
    edges = [pair for pair in pairs if rng.random() < 0.3]
    placed = place(sizes, edges, ortho)
    boxes = [
        (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        for (x, y), (w, h) in zip(placed.centres, sizes, strict=True)
    ]
    for a, b in itertools.combinations(boxes, 2):
        beside = a[2] <= b[0] or b[2] <= a[0]
        assert beside or a[3] <= b[1] or b[3] <= a[1]
    for left, top, right, bottom in boxes:
        assert left >= 7.9 and top >= 7.9
        assert right <= placed.across and bottom <= placed.down
    for (start, end), route in zip(edges, placed.routes, strict=True):
        assert boxes[start][0] <= route[0][0] <= boxes[start][2]
        assert route[0][1] == pytest.approx(boxes[start][3])
        assert boxes[end][0] <= route[-1][0] <= boxes[end][2]
        assert route[-1][1] == pytest.approx(boxes[end][1])
        if ortho:
            for (x0, y0), (x1, y1) in itertools.pairwise(route):
                assert x0 == x1 or y0 == y1
