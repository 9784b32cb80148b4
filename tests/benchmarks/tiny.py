"""A small result file, as `make bench` writes it, with round numbers."""

from __future__ import annotations

from typing import Any

from benchmarks.workloads import WORKLOADS, gemm_flops


def figures(**least: float) -> dict[str, Any]:
    """A section's peers by their minimum; medians are twice that."""
    return {
        name.replace("_", "-"): {
            "min": value,
            "median": 2 * value,
            "all": [value, 3 * value],
            "versions": {"some-package": "1.0"},
            "notes": "as its documentation says",
            "threads": 2,
            "chosen": {"unroll": 4},
            "tried": [
                {"threads": 2, "us": value, "options": {"unroll": 4}},
                {"threads": 1, "us": 2 * value, "options": {"unroll": 1}},
            ],
        }
        for name, value in least.items()
    }


def steps(name: str, **least: float) -> dict[str, Any]:
    """A workload's section."""
    workload = WORKLOADS[name]
    return {
        "workload": workload.to_json(),
        "gemm_flops_per_step": gemm_flops(workload) / workload.steps,
        "peers": figures(**least),
        "failed": {"torch-compile": "no compiler"},
        "refused": {},
        "run": {
            "rounds": 5,
            "load_before": 0.1,
            "seconds": 9.0,
            "date": "2026-01-01 00:00 UTC",
        },
    }


def results() -> dict[str, Any]:
    """Most sections; growth and whole processes were not measured."""
    rate = {"best": 300.0, "median": 290.0, "all": [300.0, 280.0]}
    products = {"openblas, 1": rate, "pronghorn, 1": rate}
    return {
        "machine": {
            "processor": "a processor",
            "cores": 2,
            "memory_GiB": 8,
            "system": "Linux 6.1",
            "python": "3.11.2",
            "engine": {"compiler": "gcc", "isa": "avx2"},
        },
        "sections": {
            "limits": {
                "peak": {"numpy, 2": rate, "torch, 1": {**rate, "best": 100.0}},
                "bandwidth": {"torch, 2": rate},
                "products": [{"kind": "x w", "m k n": [32, 20, 64], "rates": products}],
            },
            "small": steps(
                "small",
                pronghorn=10.0,
                pronghorn_1=20.0,
                pronghorn_own=10.5,
                jax_scan=35.0,
                torch=290.0,
                sklearn=300.0,
            ),
            "predict": {
                "1": figures(pronghorn=4.0, onnxruntime=5.0),
                "100000": figures(pronghorn=3000.0, onnxruntime=2400.0),
            },
            "first wine": {
                "peers": {
                    "pronghorn": {
                        "first_s": {"min": 0.018},
                        "second_s": {"min": 0.010},
                    }
                }
            },
            "install": {
                "peers": {
                    "pronghorn": {"MiB": 70.0, "distributions": {"numpy": 60.0}},
                    "torch": {"MiB": 700.0, "distributions": {"torch": 640.0}},
                },
                "failed": {},
            },
        },
    }
