"""Tables, README's section and the choice of what to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.__main__ import chosen, on_this_machine

from benchmarks import people, readme, report

from .tiny import results


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.01234, "0.0123"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (99.96, "100"),
        (123.4, "123"),
        (1234.5, "1,230"),
        (1234567.0, "1,230,000"),
    ],
)
def test_three_digits(value: float, text: str) -> None:
    assert report.amount(value) == text


def test_results_are_stored_and_loaded(tmp_path: Path) -> None:
    assert report.load(tmp_path) == {"machine": {}, "sections": {}}
    report.store(results(), tmp_path)
    assert report.load(tmp_path) == report.rounded(results())


def test_five_digits_are_stored() -> None:
    assert report.rounded({"a": [1.23456789, 2]}) == {"a": [1.2346, 2]}


def test_the_tables_hold_minimum_median_and_ratio() -> None:
    text = report.markdown(results())
    assert "| PyTorch | 290 | 580 | 29.0 |" in text
    assert "| Pronghorn | 10.0 | 20.0 | 1.00 |" in text
    assert "- torch.compile failed: no compiler" in text
    assert "20,000 x 20; 64 relu, 64 relu, 1; mae; batch 32." in text
    assert "2 threads of 1 and 2 tried; unroll=4 (of 2 tried)" in text


def test_the_targets_stand_in_the_report() -> None:
    text = report.markdown(results())
    assert "| predict 100,000 rows: ONNX Runtime | at least 1x | 0.800x |" in text
    assert "**missed**" in text and "not measured" in text


def test_growth_is_shown_along_each_axis_with_what_failed() -> None:
    found = results()
    point = {"size": 1000, "rows_per_step": 250.0, "gemm_flops_per_step": 5e6}
    us = {"pronghorn": 50.0, "torch": 200.0}
    first = {**point, "us": us, "failed": {}}
    second = {**point, "size": 10_000, "us": {"pronghorn": 25.0}}
    found["sections"]["growth"] = {
        "rows": [first, {**second, "failed": {"torch": "out of memory"}}]
    }
    text = report.markdown(found)
    assert "| 1,000 | 50.0 | 200 | 200 | 100 |" in text
    assert "| 10,000 | 25.0 | - | 100 | 200 |" in text
    assert "- PyTorch failed: out of memory" in text


def test_a_section_that_failed_as_a_whole_is_named() -> None:
    found = results()
    found["sections"]["wine"] = {"failed": {"wine": "OSError: no room"}}
    text = report.markdown(found)
    assert "- **wine could not be measured:** OSError: no room" in text


def test_a_report_of_nothing_says_so() -> None:
    empty = {"machine": {}, "sections": {}}
    assert "| met |" not in report.markdown(empty)
    assert readme.section(empty) == "Not measured yet: `make bench`."


def test_readmes_section_names_the_fastest_of_each_kind() -> None:
    text = readme.section(results())
    row = "| predict one row | 4.00 us | - | - | 5.00 us (ONNX Runtime) |"
    assert row in text
    assert "| 70.0 MiB | - | 700 MiB (PyTorch) | - |" in text


def test_only_what_stands_between_the_marks_changes(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"above\n{readme.BEGIN}\nold\n{readme.END}\nbelow\n")
    readme.rewrite(results(), path)
    text = path.read_text()
    assert text.startswith(f"above\n{readme.BEGIN}\n![Pronghorn")
    assert text.endswith(f"\n{readme.END}\nbelow\n") and "old" not in text
    readme.rewrite(results(), path)
    assert path.read_text() == text


@pytest.mark.parametrize("text", ["none", f"{readme.BEGIN}\n", f"{readme.END}\n"])
def test_a_readme_without_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="lacks the lines"):
        readme.replaced(text, "new")


def test_our_readme_has_the_marks() -> None:
    assert readme.replaced(readme.README.read_text(), "new")


def test_variants_of_ourselves_are_not_shown_to_people() -> None:
    found = {each.short: each for each in people.felt(results()["sections"])}
    assert set(found["step, small"].values) == {
        "pronghorn",
        "jax-scan",
        "torch",
        "sklearn",
    }
    assert found["predict 100,000 rows"].values["onnxruntime"] == pytest.approx(2.4)


def test_what_to_run_is_chosen_by_name() -> None:
    assert chosen("", ["a", "b"], "section") == ["a", "b"]
    assert chosen("b, a", ["a", "b", "c"], "section") == ["a", "b"]
    with pytest.raises(SystemExit, match="no section is called 'x'"):
        chosen("a,x", ["a"], "section")


def test_sections_of_another_processor_are_left_out() -> None:
    here = {"processor": "one", "cores": 2, "memory_GiB": 24}
    sections = {"small": {}}
    same = {"machine": {**here, "memory_GiB": 23}, "sections": sections}
    assert on_this_machine(same, here) == {"machine": here, "sections": sections}
    for other in ({**here, "processor": "two"}, {**here, "cores": 4}):
        found = on_this_machine({"machine": other, "sections": sections}, here)
        assert found == {"machine": here, "sections": {}}
    fresh: dict[str, object] = {"machine": {}, "sections": {}}
    assert on_this_machine(fresh, here) == {"machine": here, "sections": {}}
