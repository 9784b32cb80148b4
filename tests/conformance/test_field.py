"""Each public name of Keras has its place, and the same parameters or a reason."""

from __future__ import annotations

from pathlib import Path

from tests.conformance import field, live, surface
from tests.conformance.field import Name, Rule, idle, judge, recorded, rules, standing
from tests.conformance.names import section


def test_each_name_of_keras_is_here_alike_or_listed_with_a_reason() -> None:
    """Of a name that comes up here: write it, alike, or a line of field.txt."""
    lost = [str(name) for name in standing() if name.stands == "unknown"]
    assert not lost, "\n".join(lost)


def test_each_line_of_the_list_is_needed() -> None:
    """Of a line that comes up here, Pronghorn now has what it says: strike it."""
    listed = rules(field.LIST.read_text(encoding="utf-8"))
    assert idle(standing(), listed) == []


def test_most_are_alike() -> None:
    called = [n for n in standing() if n.theirs and n.stands in ("alike", "differs")]
    assert len(called) > 1000
    assert sum(n.stands == "differs" for n in called) < 0.05 * len(called)


def test_the_record_is_of_this_keras(keras_python: Path, tmp_path: Path) -> None:
    out = tmp_path / "surface.txt"
    live.run(keras_python, "tests.conformance.surface", "--out", str(out))
    assert out.read_text().splitlines() == surface.RECORDED.read_text().splitlines()


# --- the testers themselves -----------------------------------------------------
NAMES = recorded(
    "layers.Dropout (rate, noise_shape=None, seed=None, **kwargs)\n"
    "layers.Dropout.call (self, inputs, training=False)\n"
    "layers.Conv2D (filters)\n"
    "layers.Conv2D.call (self, inputs)\n"
)
CONV = Rule("outside", "layers.Conv*", "images")


def stands(names: dict[str, str], *listed: Rule) -> dict[str, str]:
    return {name.name: name.stands for name in judge(names, listed)}


def test_what_is_not_listed_is_noticed() -> None:
    assert stands(NAMES, CONV) == {
        "layers.Dropout": "alike",
        "layers.Dropout.call": "alike",
        "layers.Conv2D": "outside",
        "layers.Conv2D.call": "outside",
    }
    assert stands(NAMES)["layers.Conv2D"] == "unknown"


def test_another_default_order_or_kind_is_noticed() -> None:
    for theirs in (
        "(rate, noise_shape=None, seed=0, **kwargs)",
        "(rate, seed=None, noise_shape=None, **kwargs)",
        "(rate, *, noise_shape=None, seed=None, **kwargs)",
        "(rate, noise_shape=None, seed=None)",
    ):
        assert stands({"layers.Dropout": theirs}) == {"layers.Dropout": "unknown"}


def test_a_line_without_need_is_noticed() -> None:
    here = Rule("lacking", "layers.Dropout", "not written")
    alike = Rule("differs", "layers.Dropout", "by choice")
    assert stands({"layers.Dropout": "(rate)"}, here) == {"layers.Dropout": "unknown"}
    for rule in (here, alike):
        assert idle(judge(NAMES, [rule, CONV]), [rule, CONV]) == [rule]


def test_attributes_count_wherever_they_are_made() -> None:
    names = {"layers.Dropout": "(x)", "layers.Dropout.rate": "", "layers.Dropout.u": ""}
    found = {n.name: n.ours for n in judge(names, [])}
    assert found["layers.Dropout.rate"] == "" and found["layers.Dropout.u"] is None


def test_a_name_says_what_to_compare() -> None:
    name = Name("ops.f", "unknown", "(x)", None)
    assert str(name) == "ops.f: Keras has (x), Pronghorn nothing"


def test_the_page_tells_all_four_kinds() -> None:
    differs = Rule("differs", "losses.Loss", "by choice")
    lacking = Rule("lacking", "layers.New", "not written")
    room = Rule("outside", "export.*", "other runtimes")
    names = [
        Name("export.One", "outside", "(x)", None, room),
        Name("export.Two", "outside", "(x)", None, room),
        Name("losses.mse", "alike", "(x)", "(x)"),
        Name("losses.Loss", "differs", "(x)", "(y)", differs),
        Name("layers.Conv2D", "outside", "(x)", None, CONV),
        Name("layers.Conv2D.call", "outside", "(x)", None, CONV),
        Name("layers.New", "lacking", "(x)", None, lacking),
    ]
    text = "\n".join(section(names))
    for line in (
        "7 public names",
        "- other runtimes: `export.*`\n",
        "**keras.losses**: mse\n",
        "| `losses.Loss` | `(x)` | `(y)` | by choice |",
        "- images: `layers.Conv2D`\n",
        "- not written: `layers.New`",
    ):
        assert line in text
