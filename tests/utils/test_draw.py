"""`Model.draw` and `draw_unit`: what stands in the pictures, and where."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, ShapeError, StateError, UnsupportedError
from pronghorn.utils import Drawing, draw_unit
from pronghorn.utils.draw.words import number

from .drawn import count, hints, outside, overlaps, root_of, texts


def unit_of(w: list[float], b: float, **kwargs: Any) -> Any:
    model = keras.Sequential([layers.Dense(1, input_shape=[len(w)], **kwargs)])
    model.set_weights([np.array(w, "float32")[:, None], np.array([b], "float32")])
    return model


def trained(*parts: Any, features: int = 4, outputs: int = 1) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((features,)), *parts], name="net")
    model.compile("adam", "mse")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(32, features)).astype("float32")
    y = rng.normal(size=(32, outputs)).astype("float32")
    model.fit(x, y, epochs=2, verbose=0)
    return model


def wide_and_deep() -> Any:
    wide, deep = keras.Input((5,), name="wide"), keras.Input((3,), name="deep")
    hidden = layers.Dense(4, activation="relu", name="hidden")(deep)
    joined = layers.Concatenate(name="joined")([wide, hidden * 2])
    return keras.Model([wide, deep], layers.Dense(1, name="end")(joined))


# --- the reader's own tests


def test_the_reader_refuses_what_is_cut_or_lies_on_something() -> None:
    svg = draw_unit(2.5, 90, ["sugars"]).svg
    assert not outside(svg)
    narrow = re.sub(r'viewBox="(\S+) (\S+) (\S+)', r'viewBox="\1 \2 120', svg)
    assert outside(narrow)
    twice = svg.replace("<circle", '<circle cx="0" cy="0" r="21"/><circle', 1)
    assert overlaps(twice, "circle") and not overlaps(svg, "circle")
    with pytest.raises(AssertionError):
        root_of(svg.replace('role="img"', 'role="none"'))


# --- the unit


def test_the_lesson_s_unit_is_reckoned_step_by_step() -> None:
    model = unit_of([2.5], 90.0)
    drawing = model.draw(values=[5], inputs=["sugars"], outputs=["calories"])
    assert isinstance(drawing, Drawing)
    found = texts(drawing.svg)
    for expected in ("sugars", "5", "1", "2.5", "90", "102.5", "calories", "y"):
        assert expected in found
    assert "y = 5 × 2.5 + 90 = 102.5" in found
    assert "sugars = 5 with the weight 2.5" in drawing.description
    free = draw_unit(2.5, 90, ["sugars"], values=[5], output="calories")
    assert free.svg == drawing.svg


@pytest.mark.parametrize("features", [1, 2, 3, 4, 9, 10, 11, 512])
@pytest.mark.parametrize("activation", [None, "relu", "softmax"])
@pytest.mark.parametrize("given", [False, True])
def test_units_of_any_width_fit_into_their_pictures(
    features: int, activation: str | None, given: bool
) -> None:
    rng = np.random.default_rng(features)
    weights = 10.0 ** rng.uniform(-6, 6, features) * rng.choice([-1, 1], features)
    names = [f"{i} is the <long> name of a column & more" for i in range(features)]
    for labels in ("numbers", "symbols", "both"):
        svg = draw_unit(
            weights,
            -3.25,
            names,
            values=rng.normal(size=features) if given else None,
            activation=activation,
            labels=labels,
            output="the name of what is predicted, which is long",
        ).svg
        assert not outside(svg)
        assert not overlaps(svg, "circle")
        assert not overlaps(svg, "text")
        few = features if features <= 10 else 9
        told = " ".join(hints(svg))
        for i in [*range(few // 2), *range(features - few // 2, features)]:
            assert labels == "symbols" or number(weights[i]) in told
        biased = any(text.endswith("−3.25") for text in texts(svg))
        assert biased is (labels != "symbols")
        # Inputs, the 1, the sum, the output, and three dots for those left out.
        assert count(svg, "circle") == few + 3 + 3 * (features > 10)


def test_symbols_have_numbers_below_them_where_there_are_several() -> None:
    one = texts(draw_unit(inputs=["sugars"]).svg)
    assert {"w", "b", "x"} <= set(one) and "y = w × sugars + b" in one
    two = texts(draw_unit(inputs=["sugars", "fat"], labels="symbols").svg)
    assert {"w0", "w1", "b", "x0", "x1"} <= set(two) and "y = w0 x0 + w1 x1 + b" in two
    both = texts(draw_unit([1.5, -2], 3, labels="both").svg)
    assert {"w0 = 1.5", "w1 = −2", "b = 3"} <= set(both)
    assert "y = 1.5 × x0 − 2 × x1 + 3" in both


def test_the_activation_comes_after_the_sum_and_is_computed() -> None:
    model = unit_of([2.0, -1.0], -7.0, activation="relu")
    plain, given = model.draw(), model.draw(values=[1.0, 2.0])
    assert "relu" in texts(plain.svg) and "Σ" in texts(plain.svg)
    assert "y = relu(2 × x0 − 1 × x1 − 7)" in texts(plain.svg)
    assert "−7" in texts(given.svg) and "0" in texts(given.svg)
    assert "y = relu(1 × 2 + 2 × (−1) − 7) = relu(−7) = 0" in "".join(texts(given.svg))
    values = np.array([[4.0, 0.5]], "float32")
    told = model.draw(values=values).title
    assert told.endswith(f" = {number(model.predict(values, verbose=0)[0, 0])}")


def test_a_unit_without_bias_has_no_one() -> None:
    model = keras.Sequential([layers.Dense(1, use_bias=False, input_shape=[2])])
    assert "1" not in texts(model.draw().svg)
    assert "+ 0" in model.draw().title or "b" not in texts(model.draw().svg)
    assert "1" not in texts(draw_unit([1.5, 2.5], None).svg)
    assert count(draw_unit(2.5, 0).svg, "circle", "hollow") == 1


def test_a_very_long_name_does_not_widen_the_picture() -> None:
    long = draw_unit(2.5, 90, ["sugars" * 60], output="calories" * 60)
    box = root_of(long.svg).attrib["viewBox"]
    assert float(box.split()[2]) < 900 and not outside(long.svg)
    assert any("sugars" * 60 in hint for hint in hints(long.svg))


def test_weights_are_colored_by_their_sign() -> None:
    svg = draw_unit([2.0, -1.0, 0.0], -5).svg
    assert count(svg, "polygon", "plus-head") == 1
    assert count(svg, "polygon", "minus-head") == 2
    symbols = draw_unit([2.0, -1.0], -5, labels="symbols").svg
    assert count(symbols, "polygon", "plus-head") == 0


def test_names_of_a_frame_s_columns_are_the_inputs_names() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"sugars": [1.0, 2.0, 4.0], "a<b>&c": [3.0, 1.0, 2.0]})
    model = keras.Sequential([layers.Dense(1, input_shape=[2])])
    model.compile("sgd", "mse")
    model.fit(frame, np.array([1.0, 2.0, 3.0]), verbose=0)
    found = texts(model.draw(values=frame.iloc[0]).svg)
    assert {"sugars", "a<b>&c"} <= set(found)
    swapped = model.draw(values={"a<b>&c": 3.0, "sugars": 1.0})
    assert swapped.svg == model.draw(values=[1.0, 3.0]).svg


def test_one_unit_of_a_layer_is_drawn_with_what_reaches_it() -> None:
    model = trained(
        layers.Dense(3, activation="tanh", name="first"), layers.Dense(2), outputs=2
    )
    kernel, bias = model.get_layer("first").get_weights()
    svg = model.draw("unit", layer="first", index=1).svg
    assert {number(w) for w in kernel[:, 1]} <= set(texts(svg))
    assert "unit 1 of 3 in layer first" in texts(svg)
    row = np.array([[1.0, -2.0, 0.5, 3.0]], "float32")
    second = model.draw("unit", layer=1, index=0, values=row)
    reaching = np.tanh(row @ kernel + bias)[0]
    told = {f"x{i} = {number(value)}" for i, value in enumerate(reaching)}
    assert told <= set(hints(second.svg))
    assert second.title.endswith(number(model.predict(row, verbose=0)[0, 0]))


def test_inputs_that_a_layer_changes_first_say_so() -> None:
    scale = layers.Normalization(mean=2.0, variance=4.0, input_shape=[1])
    model = keras.Sequential([scale, layers.Dense(1)])
    model.layers[1].set_weights([np.array([[3.0]]), np.array([1.0])])
    drawing = model.draw(inputs=["sugars"], values=[6.0])
    assert "y = 2 × 3 + 1 = 7" in texts(drawing.svg)
    assert "normalization(sugars) = 2" in hints(drawing.svg)
    plain = model.draw(inputs=["sugars"], labels="symbols")
    assert "y = w × normalization(sugars) + b" in texts(plain.svg)


# --- the net of units


def test_small_nets_show_every_weight_and_what_each_unit_gives() -> None:
    model = trained(
        layers.Dense(3, activation="relu"), layers.Dense(2), features=2, outputs=2
    )
    svg = model.draw("units", inputs=["a", "b"], outputs=["c", "d"]).svg
    found = texts(svg)
    for weights in model.get_weights():
        for value in weights.reshape(-1):
            shown = number(value) if weights.ndim == 2 else f"b = {number(value)}"
            assert shown in found
    assert {"a", "b", "c", "d", "2 inputs", "Dense(3)", "relu", "Dense(2)"} <= set(
        found
    )
    row = np.array([[1.0, -2.0]], "float32")
    given = model.draw("units", values=row).svg
    for value in model.predict(row, verbose=0)[0]:
        assert any(hint.endswith(f"gives {number(value)}") for hint in hints(given))
    for picture in (svg, given):
        assert not outside(picture)
        assert not overlaps(picture, "circle") and not overlaps(picture, "text")


@pytest.mark.parametrize("digits", [2, 4, 7])
@pytest.mark.parametrize("values", [None, [[1.0, -2.0]]])
def test_long_numbers_on_edges_and_below_units_keep_apart(
    digits: int, values: Any
) -> None:
    model = keras.Sequential(
        [keras.Input((2,)), layers.Dense(3, activation="relu"), layers.Dense(3)]
    )
    for variable in model.weights:
        variable.assign(np.full(variable.shape, -9.99612345e-5, "float32"))
    svg = model.draw("units", digits=digits, values=values).svg
    assert f"b = {number(-9.99612345e-5, digits)}" in texts(svg)
    assert not outside(svg) and not overlaps(svg, "text")


@pytest.mark.parametrize("width", [4, 10, 11, 512])
def test_units_that_do_not_fit_are_dots(width: int) -> None:
    model = trained(layers.Dense(width, activation="relu"), layers.Dense(1))
    svg = model.draw().svg
    drawn = width if width <= 10 else 9
    assert count(svg, "circle", "solid") == (3 if width > 10 else 0)
    assert count(svg, "circle", "unit") == 4 + drawn + 1
    kernel = model.weights[0].numpy()
    told = [h for h in hints(svg) if " to Dense " in h]
    assert len(told) == 4 * drawn + drawn
    assert f"inputs 3 to Dense {width - 1}: {number(kernel[3, -1])}" in told
    assert not outside(svg) and not overlaps(svg, "circle")
    assert not overlaps(svg, "text")


def test_dropout_is_crossed_out_and_batch_norm_is_a_bar() -> None:
    model = trained(
        layers.Dense(10, activation="relu"),
        layers.BatchNormalization(),
        layers.Dropout(0.3),
        layers.Dense(6),
        layers.Activation("relu"),
        layers.Dense(3, activation="softmax"),
        outputs=3,
    )
    svg = model.draw().svg
    found = texts(svg)
    for line in ("batch norm", "dropout 0.3", "Dense(10)", "Dense(6)", "softmax"):
        assert line in found
    assert found.count("relu") == 2
    assert count(svg, "circle", "hollow") == 3
    assert count(svg, "rect") == 1 and not overlaps(svg, "rect")
    row = np.array([1.0, 2.0, 3.0, -4.0])
    given = model.draw(values=row, outputs=["x", "y", "z"]).svg
    for value in model.predict(row[None], verbose=0)[0]:
        assert any(hint.endswith(f"gives {number(value)}") for hint in hints(given))
    assert not outside(svg) and not outside(given)


def test_models_in_models_and_other_layers_are_drawn_as_units() -> None:
    inner = keras.Sequential(
        [layers.Dense(3, activation="relu", input_shape=[3]), layers.Dense(2)]
    )
    x = keras.Input((3,))
    nested = keras.Model(x, layers.Dense(1)(inner(x) * 2.0))
    found = texts(nested.draw().svg)
    assert {"Dense(3)", "Dense(2)", "Dense(1)", "Multiply"} <= set(found)
    row = np.array([[1.0, 2.0, 3.0]], "float32")
    told = hints(nested.draw(values=row).svg)
    assert any(h.endswith(f"gives {number(nested(row)[0, 0])}") for h in told)
    images = keras.Sequential(
        [layers.Flatten(input_shape=[4, 7]), layers.Rescaling(0.5), layers.Dense(5)]
    )
    svg = images.draw(values=np.ones((4, 7))).svg
    assert "4 × 7 inputs" in texts(svg) and count(svg, "rect") == 2
    ids = keras.Sequential(
        [layers.Embedding(9, 4, input_shape=[3]), layers.Flatten(), layers.Dense(1)]
    )
    svg = ids.draw("units", values=[1, 2, 8]).svg
    assert "Embedding(3 × 4)" in texts(svg) and not outside(svg)


def test_text_and_weights_that_are_no_numbers_are_drawn() -> None:
    words = layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")
    text = keras.Sequential(
        [keras.Input((1,), dtype="string"), words, layers.Dense(2), layers.Dense(1)]
    )
    svg = text.draw(values=["b"]).svg
    assert "StringLookup" in texts(svg) and not outside(svg)
    value = text(np.array([["b"]]))[0, 0]
    assert any(hint.endswith(f"gives {number(value)}") for hint in hints(svg))
    model = trained(layers.Dense(2), layers.Dense(1), features=2)
    kernel = np.array([[np.nan, np.inf], [1.0, 2.0]], "float32")
    model.layers[0].set_weights([kernel, np.zeros(2, "float32")])
    for drawn in (model.draw(), model.draw("unit", layer=0, index=1)):
        assert "inf" in " ".join(texts(drawn.svg)) and not outside(drawn.svg)
        assert not re.search(r'="[^"]*(nan|inf)[^"]*"', drawn.svg)


# --- the layer graph, and which picture a model gets


def test_a_model_with_branches_is_a_graph_of_layers() -> None:
    drawing = wide_and_deep().draw()
    found = texts(drawing.svg)
    for line in ("hidden: Dense", "(None, 9)", "16 parameters", "wide: InputLayer"):
        assert line in found
    assert "hidden: Dense feeds" in drawing.description
    assert count(drawing.svg, "polygon") == 5
    assert not outside(drawing.svg) and not overlaps(drawing.svg, "rect")


def test_the_picture_is_chosen_by_the_model_s_size() -> None:
    dense = layers.Dense
    for parts, start in (
        ([dense(1, input_shape=[3])], "A linear unit"),
        ([dense(1, "sigmoid", input_shape=[3])], "A unit with sigmoid"),
        ([dense(1, input_shape=[11])], "The net"),
        ([dense(2, input_shape=[3])], "The net"),
        ([dense(4, input_shape=[3]), dense(1)], "The net"),
        ([dense(4, input_shape=[3]), *(dense(4) for _ in range(8))], "The layers"),
        ([layers.Flatten(input_shape=[3])], "The layers"),
    ):
        model = keras.Sequential(parts)
        assert model.draw().title.startswith(start)
        # Who names the inputs wants to see them.
        assert not model.draw(inputs=["x"] * model.input_shape[1]).title.startswith(
            "The layers"
        )


def test_subclasses_are_drawn_by_their_layers() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.unit = layers.Dense(1, name="unit")

        def call(self, inputs: Any) -> Any:
            return self.unit(inputs)

    model = Own()
    with pytest.raises(StateError, match="call it on data"):
        model.draw()
    model(np.zeros((2, 3), "float32"))
    assert "own: Own" in texts(model.draw().svg)
    assert model.draw("unit").title.startswith("A linear unit")
    with pytest.raises(UnsupportedError, match="one chain"):
        model.draw("unit", values=[1, 2, 3])


# --- values, files, errors


def test_a_drawing_shows_itself_and_is_saved(tmp_path: Path) -> None:
    drawing = unit_of([2.5], 90.0).draw()
    assert drawing._repr_svg_() == drawing._repr_html_() == str(drawing) == drawing.svg
    drawing.save(tmp_path / "unit.svg")
    assert (tmp_path / "unit.svg").read_text(encoding="utf-8") == drawing.svg
    with pytest.raises(UnsupportedError, match=r"unit\.png"):
        drawing.save(tmp_path / "unit.png")
    assert repr(drawing) == "Drawing('A linear unit: y = 2.5 × x + 90')"


def test_a_drawing_takes_the_page_s_color_and_asks_for_nothing() -> None:
    for svg in (unit_of([2.5], 90.0).draw().svg, wide_and_deep().draw().svg):
        root = root_of(svg)
        assert "currentColor" in svg and "prefers-color-scheme" in svg
        assert "max-width:100%" in root.attrib["style"]
        assert not re.search(r"url\(|href|<script|@import|[\"']#[0-9a-f]{3}", svg)
        rules = re.findall(r"^[^@\n-][^{]*\{", root_of(svg)[2].text or "", re.M)
        assert rules and all(rule.startswith(".pronghorn-drawing") for rule in rules)


def test_numbers_are_written_with_the_digits_that_count() -> None:
    pairs = ((102.5, "102.5"), (1e-8, "1e−08"), (-0.0, "0"), (2e9, "2e09"))
    for value, text in pairs:
        assert number(value) == text
    assert number(float("nan")) == "nan"
    assert "2.5123" in " ".join(texts(draw_unit(2.51234, 0, digits=5).svg))


def test_what_cannot_be_drawn_is_said() -> None:
    net = trained(layers.Dense(5), layers.Dense(1))
    for arguments, error, words in (
        ({"kind": "tree"}, ArgumentError, "'units'"),
        ({"kind": "unit"}, ArgumentError, "which layer"),
        ({"kind": "unit", "layer": "none"}, ArgumentError, "which layer"),
        ({"layer": 0, "index": 5}, ArgumentError, "0 to 4"),
        ({"kind": "units", "layer": 0}, ArgumentError, "does not take layer"),
        ({"kind": "layers", "values": [1]}, ArgumentError, "does not take values"),
        ({"kind": "units", "labels": "symbols"}, ArgumentError, "'none'"),
        ({"kind": "units", "labels": "numbers"}, ArgumentError, "up to 3 units"),
        ({"inputs": ["a"]}, ArgumentError, "list of 4"),
        ({"inputs": list("abcd"), "layer": 1}, ArgumentError, "list of 5"),
        ({"values": np.ones((2, 2))}, ShapeError, r"shape \(2, 2\)"),
        ({"values": np.ones((3, 4))}, ShapeError, r"shape \(3, 4\)"),
        ({"values": ["a", "b", "c", "d"]}, ShapeError, "'a'"),
        ({"outputs": ["a", "b"]}, ArgumentError, "list of 1"),
        ({"values": [1, 2]}, ShapeError, r"shape \(2,\)"),
        ({"values": {"a": 1}, "inputs": list("abcd")}, ShapeError, "keys"),
        ({"digits": 0}, ArgumentError, "1 to 9"),
    ):
        with pytest.raises(error, match=words):
            net.draw(**arguments)
    steps = keras.Sequential([layers.Dense(2, input_shape=[3, 4])])
    assert steps.draw("unit", index=1).title.startswith("A linear unit")
    with pytest.raises(UnsupportedError, match="layer 'dense"):
        steps.draw("unit", index=1, values=np.ones((3, 4)))
    with pytest.raises(UnsupportedError, match="draw\\('layers'\\)"):
        wide_and_deep().draw("units")
    with pytest.raises(StateError, match="not built"):
        keras.Sequential([layers.Dense(1)]).draw()


def test_what_is_no_unit_is_said() -> None:
    for arguments, error in (
        ({}, ArgumentError),
        ({"weights": [1.0, float("nan")]}, ArgumentError),
        ({"weights": "many"}, ArgumentError),
        ({"weights": [1.0], "inputs": ["a", "b"]}, ShapeError),
        ({"weights": [1.0], "values": [1.0, 2.0]}, ShapeError),
        ({"weights": [1.0], "labels": "words"}, ArgumentError),
        ({"inputs": ["a"], "labels": "numbers"}, ArgumentError),
        ({"weights": [1.0], "digits": 4.5}, ArgumentError),
    ):
        with pytest.raises(error, match="draw_unit"):
            draw_unit(**arguments)


def test_equal_models_give_equal_pictures_and_others_other_ids() -> None:
    first, again, other = (unit_of([w], 90.0).draw().svg for w in (2.5, 2.5, 3.5))
    ids = [root_of(svg).attrib["aria-labelledby"] for svg in (first, again, other)]
    assert first == again
    assert ids[0] == ids[1] and ids[0] != ids[2]
    for a, b in itertools.combinations((first, other), 2):
        assert a != b
