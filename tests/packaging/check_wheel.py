"""What a built wheel must be: one for all Pythons, small, on libc alone.

    python -m tests.packaging.check_wheel WHEEL [BUILD]

`BUILD` is CMake's folder, whose object files show what the linker may have mixed.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

MODULE = "pronghorn/backends/native/_engine.abi3.so"
LIBRARIES = re.compile(r"(libc|libm|libpthread|ld-linux[-\w]*)\.so[.\d]*$")
MOST_BYTES = 2_000_000
DT_NEEDED, DT_STRTAB, PT_LOAD, PT_DYNAMIC = 1, 5, 1, 2


def name_faults(name: str) -> list[str]:
    """What is wrong with the wheel's file name."""
    good = re.fullmatch(r"pronghorn-[\d.]+-cp311-abi3-\w+\.whl", name)
    return [] if good else [f"{name} is not a wheel for every Python from 3.11"]


def content_faults(names: list[str]) -> list[str]:
    """What is missing in the wheel, or should not be in it."""
    wanted = {MODULE, "pronghorn/py.typed", "pronghorn/__init__.py"}
    found = [f"the wheel lacks {name}" for name in sorted(wanted - set(names))]
    strays = re.compile(r"^(?!pronghorn[/-])|\.(cpp|h|o|def)$|/tests?/")
    return found + [f"the wheel holds {name}" for name in names if strays.search(name)]


def needed(elf: bytes) -> Iterator[str]:
    """The shared libraries that a 64-bit little-endian ELF file asks for."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    (table,) = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    headers = [
        struct.unpack_from("<IIQQQQ", elf, table + i * size) for i in range(count)
    ]
    loads = [(h[3], h[5], h[2]) for h in headers if h[0] == PT_LOAD]
    dynamic = next(h for h in headers if h[0] == PT_DYNAMIC)
    entries = list(struct.iter_unpack("<qQ", elf[dynamic[2] : dynamic[2] + dynamic[5]]))
    address = next(value for tag, value in entries if tag == DT_STRTAB)
    strings = next(
        offset + address - start
        for start, length, offset in loads
        if start <= address < start + length
    )
    for tag, value in entries:
        if tag == DT_NEEDED:
            at = strings + value
            yield elf[at : elf.index(b"\0", at)].decode()


def library_faults(names: list[str]) -> list[str]:
    """Libraries other than libc's own."""
    return [f"the engine needs {n}" for n in names if not LIBRARIES.match(n)]


def symbol_faults(isa: str, text: str) -> list[str]:
    """Weak functions in one instruction set's objects, from `nm -C`.

    The linker keeps one copy of a weak function. Were one shared between instruction
    sets, an old processor could run the copy for a new one.
    """
    weak = re.compile(r"^[0-9a-f]+ [WVu] (.*)$", re.MULTILINE)
    return [
        f"the {isa} kernels share a weak symbol: {name}"
        for name in weak.findall(text)
        if f"{isa}::" not in name
    ]


def object_faults(build: Path) -> list[str]:
    """The weak symbols of every instruction set's objects."""
    if shutil.which("nm") is None:
        print("nm is not installed: the objects were not looked at")
        return []
    found = []
    for folder in sorted(build.glob("CMakeFiles/kernels_*.dir")):
        objects = [str(path) for path in folder.rglob("*.o")]
        text = subprocess.run(
            ["nm", "-C", *objects], capture_output=True, text=True, check=True
        ).stdout
        found += symbol_faults(folder.stem.removeprefix("kernels_"), text)
    return found


def main() -> int:
    """Check the wheel that is named, and print what was found."""
    wheel = Path(sys.argv[1])
    faults = name_faults(wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        faults += content_faults(names)
        engine = archive.read(MODULE) if MODULE in names else b""
    libraries = list(needed(engine)) if engine else []
    faults += library_faults(libraries)
    size = wheel.stat().st_size
    if size > MOST_BYTES:
        faults.append(f"the wheel has {size:,} bytes, over {MOST_BYTES:,}")
    if len(sys.argv) > 2:
        faults += object_faults(Path(sys.argv[2]))
    print(f"{wheel.name}: {size:,} bytes, engine {len(engine):,} bytes, {libraries}")
    for fault in faults:
        print(f"FAULT: {fault}")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
