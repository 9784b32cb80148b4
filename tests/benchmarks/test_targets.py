"""Ratios, shares and verdicts from a stored result."""

from __future__ import annotations

from typing import Any

import pytest
from benchmarks.targets import Target

from benchmarks import targets

from .tiny import figures, results, steps


def verdicts(sections: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What was measured and whether it is enough, by the target's words."""
    return {t.what: (t.measured, t.met) for t in targets.check(sections)}


def test_a_ratio_is_of_minima_to_the_fastest_peer() -> None:
    found = verdicts(results()["sections"])
    assert found["step, small: the fastest library (torch)"] == (29.0, False)
    assert found["step, small: the lax.scan loop (jax-scan)"] == (3.5, True)


def test_variants_of_ourselves_are_no_peers() -> None:
    section = {"peers": figures(pronghorn=10.0, pronghorn_1=5.0, torch=20.0)}
    assert targets.fastest(section) == ("torch", 20.0)


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    found = verdicts({})
    assert {met for _, met in found.values()} == {None}
    assert verdicts(results()["sections"])["predict 1 row, array"] == (4.0, True)


def test_one_row_and_many() -> None:
    found = verdicts(results()["sections"])
    assert found["predict 1 row, array: ONNX Runtime"] == (1.25, True)
    assert found["predict 100,000 rows: ONNX Runtime"] == (0.8, False)


def test_all_threads_against_one() -> None:
    found = verdicts(results()["sections"])
    assert found["all threads never slower than one, small"] == (2.0, True)
    busy = {"busy": {"small": {"peers": figures(pronghorn=11.0, pronghorn_1=10.0)}}}
    value, met = verdicts(busy)["the same beside a busy process, small"]
    assert value == pytest.approx(10 / 11) and met is False


def test_the_first_epoch_may_cost_a_fifth_and_five_milliseconds_more() -> None:
    value, met = verdicts(results()["sections"])[
        "first epoch, wine: over 1.2 times the second"
    ]
    assert value == pytest.approx(6.0) and met is False


def test_the_peak_is_of_numpy_and_torch_alone() -> None:
    sections = results()["sections"]
    assert targets.peak(sections) == 300.0
    sections["limits"]["peak"]["pronghorn, 2"] = {"best": 900.0}
    assert targets.peak(sections) == 300.0


def test_our_products_over_openblas() -> None:
    sections = results()["sections"]
    rates = {"openblas, 1": {"best": 100.0}, "pronghorn, 1": {"best": 400.0}}
    sections["limits"]["products"].append({"rates": rates})
    found = targets.over_openblas(sections, 1)
    assert found == (pytest.approx(2.0), 1.0)
    assert targets.over_openblas(sections, 2) is None


def test_the_share_of_the_peak() -> None:
    sections = results()["sections"]
    flops = steps("wine")["gemm_flops_per_step"]
    sections["wine"] = steps("wine", pronghorn=flops / 250e3)
    share, met = verdicts(sections)["step, wine: share of the GEMM peak"]
    assert share == pytest.approx(250 / 300) and met is True


def test_the_peak_of_the_same_rounds_comes_first() -> None:
    sections = results()["sections"]
    flops = steps("wine")["gemm_flops_per_step"]
    sections["wine"] = steps("wine", pronghorn=flops / 250e3)
    sections["wine"]["peak"] = {
        "numpy, 2": {"best": 200.0},
        "torch, 2": {"best": 250.0},
    }
    assert targets.peak(sections, "wine") == 250.0
    assert targets.peak(sections, "higgs") == 300.0
    assert verdicts(sections)["step, wine: share of the GEMM peak"] == (1.0, True)


def test_own_classes_may_cost_a_tenth() -> None:
    what = "a user's own layer, loss and optimizer, small"
    assert verdicts(results()["sections"])[what] == (1.05, True)


def test_the_cost_per_row_is_judged_from_ten_thousand_rows_up() -> None:
    def point(size: int, us: float) -> dict[str, Any]:
        return {"size": size, "rows_per_step": 250.0, "us": {"pronghorn": us}}

    points = [point(100, 90.0), point(10_000, 10.0), point(10**6, 13.0)]
    assert targets.spread(points) == pytest.approx(1.3)
    assert targets.spread(points[:2]) is None


def test_a_bound_can_be_the_most() -> None:
    assert Target("", 4.9, 5, at_most=True).met is True
    assert Target("", 5.1, 5, at_most=True).met is False
    assert Target("", 5.1, 5).met is True
