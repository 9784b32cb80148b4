"""The checker of wheels refuses the wheels that it is for."""

from __future__ import annotations

import sys

import pytest

from . import check_wheel

GOOD = [check_wheel.MODULE, "pronghorn/py.typed", "pronghorn/__init__.py"]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("pronghorn-0.1.0-cp311-abi3-linux_x86_64.whl", 0),
        ("pronghorn-0.1.0-cp311-cp311-linux_x86_64.whl", 1),
        ("pronghorn-0.1.0-py3-none-any.whl", 1),
    ],
)
def test_names(name: str, count: int) -> None:
    assert len(check_wheel.name_faults(name)) == count


def test_contents() -> None:
    assert check_wheel.content_faults(GOOD) == []
    assert check_wheel.content_faults(GOOD[1:]) == [
        f"the wheel lacks {check_wheel.MODULE}"
    ]
    for stray in ("tests/test_a.py", "pronghorn/a.cpp", "native/program.h"):
        assert check_wheel.content_faults([*GOOD, stray]) == [
            f"the wheel holds {stray}"
        ]


def test_libraries() -> None:
    good = ["libc.so.6", "libm.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2"]
    assert check_wheel.library_faults(good) == []
    assert len(check_wheel.library_faults(["libstdc++.so.6", "libgomp.so.1"])) == 2


def test_needed_reads_an_elf_file() -> None:
    with open(sys.executable, "rb") as file:
        found = list(check_wheel.needed(file.read()))
    assert any(name.startswith("libc.so") for name in found)
    with pytest.raises(ValueError, match="not a 64-bit"):
        list(check_wheel.needed(b"MZ not ELF"))


def test_weak_symbols() -> None:
    text = (
        "0000 T pronghorn::avx2::gemm(int)\n"
        "0010 W pronghorn::avx2::inner(int)\n"
        "0020 W float std::max<float>(float, float)\n"
        "                 w __gmon_start__\n"
    )
    assert check_wheel.symbol_faults("avx2", text) == [
        "the avx2 kernels share a weak symbol: float std::max<float>(float, float)"
    ]
