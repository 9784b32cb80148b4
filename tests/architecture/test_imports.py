"""Nothing imports upward, nothing in a circle, nothing first-party in a function."""

from __future__ import annotations

import pytest

from .source import ROOMS, TOP, Import, assert_none, cycle, imports, modules, rank, room


def all_imports(texts: dict[str, str]) -> list[Import]:
    """Every first-party import of the modules."""
    known = set(texts)
    return [one for name, text in texts.items() for one in imports(name, text, known)]


def upward(texts: dict[str, str]) -> list[str]:
    """The imports that break the order of the rooms, in words."""
    return [
        f"{one.importer}:{one.line} imports {one.imported}, which stands higher"
        for one in all_imports(texts)
        if room(one.importer) != room(one.imported)
        and rank(one.imported) > rank(one.importer)
    ]


def hidden(texts: dict[str, str]) -> list[str]:
    """First-party imports inside functions, in words."""
    return [
        f"{one.importer}:{one.line} imports {one.imported} inside a function"
        for one in all_imports(texts)
        if one.in_function
    ]


def module_cycle(texts: dict[str, str]) -> list[str]:
    """One circle of modules that import each other, or an empty list.

    A package's `__init__` names what its modules offer and they import each other
    past it, so an import of a name from one's own package is left to Python.
    """
    edges: dict[str, set[str]] = {name: set() for name in texts}
    for one in all_imports(texts):
        if not f"{one.importer}.".startswith(f"{one.imported}."):
            edges[one.importer].add(one.imported)
    return cycle(edges)


def test_each_room_has_one_place() -> None:
    rooms = {room(name) for name in modules()} - {TOP}
    assert sorted(rooms - set(ROOMS)) == [], "give the new room a place in ROOMS"
    assert len(set(ROOMS)) == len(ROOMS)
    assert len(rooms) > 15, "the reader must find the package"


def test_imports_point_down() -> None:
    assert_none(upward(modules()))


def test_imports_in_functions_are_third_party() -> None:
    assert_none(hidden(modules()))


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert module_cycle(modules()) == []


# --- the testers themselves -----------------------------------------------------
BASE = {
    "pronghorn": "",
    "pronghorn.errors": "",
    "pronghorn.ir": "",
    "pronghorn.ir.graph": "from pronghorn.errors import GraphError",
    "pronghorn.ops": "from pronghorn.ir.graph import Node",
    "pronghorn.layers": "from pronghorn import ops",
}


def test_a_tidy_package_passes() -> None:
    assert len(all_imports(BASE)) == 3
    assert upward(BASE) == hidden(BASE) == module_cycle(BASE) == []


@pytest.mark.parametrize(
    "text",
    [
        "from pronghorn.layers import Dense",
        "import pronghorn.layers",
        "from pronghorn import layers",
        "from ..layers import Dense",
        "from .. import layers",
        "from pronghorn import __version__",
        "if TYPE_CHECKING:\n    from pronghorn.layers import Dense",
        "def f():\n    from pronghorn.layers import Dense",
    ],
)
def test_an_upward_import_is_refused(text: str) -> None:
    assert len(upward({**BASE, "pronghorn.ir.graph": text})) == 1


def test_a_relative_import_in_a_package_starts_at_the_package() -> None:
    texts = {**BASE, "pronghorn.ir": "from .graph import Node"}
    assert [one.imported for one in imports("pronghorn.ir", texts["pronghorn.ir"],
            set(texts))] == ["pronghorn.ir.graph"]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    from pronghorn.errors import GraphError",
        "class C:\n    def f(self):\n        if True:\n            import pronghorn",
        "async def f():\n    import pronghorn.errors",
    ],
)
def test_a_first_party_import_in_a_function_is_refused(text: str) -> None:
    assert len(hidden({**BASE, "pronghorn.ops": text})) == 1


def test_a_third_party_import_in_a_function_passes() -> None:
    assert hidden({**BASE, "pronghorn.ops": "def f():\n    import pandas"}) == []


def test_a_circle_is_refused() -> None:
    texts = {
        **BASE,
        "pronghorn.ir.graph": "from pronghorn.ir import show",
        "pronghorn.ir.show": "from pronghorn.ir.graph import Node",
    }
    assert module_cycle(texts) == [
        "pronghorn.ir.graph",
        "pronghorn.ir.show",
        "pronghorn.ir.graph",
    ]


def test_a_room_without_a_place_is_refused() -> None:
    with pytest.raises(KeyError, match="'attic' has no place"):
        rank("pronghorn.attic.box")
