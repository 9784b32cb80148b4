"""Reading the package's source: its modules, rooms, imports, functions and files.

Nothing here imports the package, so a rule can be broken on purpose in a test: each
reader takes text, and the tests of the testers give it text that must be refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "pronghorn"

# Lowest first: a room imports from itself and from rooms before it, nothing else.
ROOMS: tuple[str, ...] = tuple(
    """
    errors absent tree settings limits naming registry
    preferences dtype_policies sharing config lookup legacy
    ir ops random compiler backends data
    initializers regularizers constraints activations
    gradient losses metrics optimizers mixed_precision callbacks layers training
    models saving tabular tuning
    inspection testing utils preprocessing backend datasets wrappers sklearn report
    learn cli accel
    """.split()
)
TOP = "pronghorn"  # the package's own __init__ and __main__, above all rooms

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One first-party import: `importer` (a module) takes from `imported`."""

    importer: str
    imported: str
    line: int
    in_function: bool


def modules(package: Path = PACKAGE) -> dict[str, str]:
    """Every module's dotted name and its text; the course's notebooks are none."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        if path.parent.name == "notebooks":
            continue
        parts = path.relative_to(package.parent).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        found[".".join(parts)] = path.read_text(encoding="utf-8")
    return found


def room(module: str) -> str:
    """The room that a module stands in: its first name below the package."""
    parts = module.split(".")
    if len(parts) == 1 or parts[1] == "__main__":
        return TOP
    return parts[1]


def rank(module: str) -> int:
    """How high the module's room stands; a KeyError names a room without a place."""
    name = room(module)
    if name == TOP:
        return len(ROOMS)
    if name not in ROOMS:
        raise KeyError(f"room {name!r} has no place in ROOMS: give it one")
    return ROOMS.index(name)


def imports(module: str, text: str, known: set[str]) -> Iterator[Import]:
    """The module's first-party imports; `known` are the package's module names.

    `from pronghorn import ops` is an import of `pronghorn.ops` where that is a
    module, and of `pronghorn` itself where it is not. Imports for type checking
    count as all others do: the design is the same with or without them.
    """
    for node, in_function in walk(ast.parse(text)):
        for name in imported_names(module, node, known):
            if name.split(".")[0] == TOP:
                yield Import(module, name, node.lineno, in_function)


def imported_names(module: str, node: ast.stmt, known: set[str]) -> Iterator[str]:
    """The dotted names of the modules that one import statement takes from."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            is_package = any(name.startswith(module + ".") for name in known)
            up = node.level - (1 if is_package else 0)
            parents = module.split(".")[: len(module.split(".")) - up]
            base = ".".join([*parents, base] if base else parents)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in known else base


def walk(node: ast.AST, in_function: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement below `node`, and whether it stands inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child, in_function
        inside = in_function or isinstance(child, Function)
        yield from walk(child, inside)


def cycle(edges: dict[str, set[str]]) -> list[str]:
    """One cycle of the graph as a list of its nodes, or an empty list."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        for target in sorted(edges.get(node, ())):
            if found := visit(target, [*path, node]):
                return found
        done.add(node)
        return []

    return next((found for node in sorted(edges) if (found := visit(node, []))), [])


def functions(text: str) -> Iterator[tuple[str, Function]]:
    """Every function in the text, nested ones too, with its qualified name."""

    def inside(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, Function | ast.ClassDef):
                name = f"{prefix}{child.name}."
            if isinstance(child, Function):
                yield name[:-1], child
            yield from inside(child, name)

    yield from inside(ast.parse(text), "")


def code_lines(function: Function) -> int:
    """A function's lines, from `def` to its end, without its docstring."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None or len(function.body) == 1:
        return whole
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1)


def assert_none(faults: list[str]) -> None:
    """Fail with all faults, a line each, where there are any."""
    assert not faults, "\n" + "\n".join(faults)
