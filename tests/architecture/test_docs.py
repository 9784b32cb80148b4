"""Every public function, class and method says what it does and what it takes."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator

import pytest

from .source import Function, assert_none, modules

# Python calls these; what they do is written where Python documents them.
ANNOTATED_ONLY = "__"


def is_public(name: str) -> bool:
    """Whether a dotted name has no part that starts with an underscore."""
    return not any(part.startswith("_") for part in name.split("."))


def public_functions(text: str) -> Iterator[tuple[str, Function]]:
    """Public functions at the top, and methods of public classes, dunders too."""
    for node in ast.parse(text).body:
        if isinstance(node, Function) and is_public(node.name):
            yield node.name, node
        elif isinstance(node, ast.ClassDef) and is_public(node.name):
            for method in node.body:
                if isinstance(method, Function) and (
                    is_public(method.name) or method.name.startswith(ANNOTATED_ONLY)
                ):
                    yield f"{node.name}.{method.name}", method


def without_annotations(name: str, text: str) -> list[str]:
    """Public functions with an argument or a result that has no type, in words."""
    found = []
    for function, node in public_functions(text):
        taken = node.args
        arguments = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]
        arguments += [one for one in (taken.vararg, taken.kwarg) if one]
        bare = [
            one.arg
            for place, one in enumerate(arguments)
            if one.annotation is None
            and not (place == 0 and one.arg in ("self", "cls", "mcs"))
        ]
        if bare or node.returns is None:
            found.append(f"{name}.{function} lacks types: {bare or 'its result'}")
    return found


def without_docstring(name: str, text: str) -> list[str]:
    """Modules, classes and functions without words of their own, by their source."""
    tree = ast.parse(text)
    found = [] if ast.get_docstring(tree) else [f"{name} has no docstring"]
    for node in tree.body:
        if not isinstance(node, Function | ast.ClassDef) or not is_public(node.name):
            continue
        if not ast.get_docstring(node) and not is_overload(node):
            found.append(f"{name}.{node.name} has no docstring")
    return found


def is_overload(node: Function | ast.ClassDef) -> bool:
    """Whether the definition is one of `typing.overload`'s."""
    names = [ast.unparse(one).split(".")[-1] for one in node.decorator_list]
    return "overload" in names


def methods_without_docstring(cls: type) -> list[str]:
    """Public methods without words of their own or of a base class."""
    return [
        f"{cls.__module__}.{cls.__qualname__}.{name} has no docstring"
        for name, value in vars(cls).items()
        if is_public(name)
        and (inspect.isroutine(value) or isinstance(value, property))
        and not any(
            getattr(vars(base).get(name), "__doc__", "") for base in cls.__mro__
        )
    ]


def public_classes() -> list[type]:
    """Every public class that the package defines."""
    found = []
    for name in modules():
        if is_public(name) and "__main__" not in name:
            module = importlib.import_module(name)
            found += [
                value
                for key, value in vars(module).items()
                if isinstance(value, type)
                and value.__module__ == name
                and is_public(key)
            ]
    return found


def test_public_functions_have_types() -> None:
    found = {name: text for name, text in modules().items() if is_public(name)}
    assert_none(
        [w for name, text in found.items() for w in without_annotations(name, text)]
    )


def test_modules_classes_and_functions_have_docstrings() -> None:
    found = modules()
    assert_none(
        [w for name, text in found.items() for w in without_docstring(name, text)]
    )


def test_methods_have_docstrings() -> None:
    classes = public_classes()
    assert len(classes) > 50, "the reader must find the classes"
    assert_none([w for cls in classes for w in methods_without_docstring(cls)])


# --- the testers themselves -----------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "def f(x) -> int: ...",
        "def f(x: int): ...",
        "def f(*x) -> int: ...",
        "def f(*, x) -> int: ...",
        "def f(**x) -> int: ...",
        "class A:\n    def f(self, x) -> int: ...",
        "class A:\n    def __init__(self): ...",
    ],
)
def test_a_function_without_types_is_refused(text: str) -> None:
    assert len(without_annotations("m", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def f(x: int, *y: int, **z: int) -> int: ...",
        "def _f(x): ...",
        "class A:\n    def f(self) -> int: ...\n    def _g(self, x): ...",
        "class _A:\n    def f(self, x): ...",
    ],
)
def test_a_function_with_types_passes(text: str) -> None:
    assert without_annotations("m", text) == []


def test_what_has_no_docstring_is_refused() -> None:
    text = 'def f(): ...\nclass A: ...\ndef g():\n    """Doc."""\ndef _h(): ...\n'
    assert without_docstring("m", text) == [
        "m has no docstring",
        "m.f has no docstring",
        "m.A has no docstring",
    ]


def test_a_method_takes_its_base_class_docstring() -> None:
    class Base:
        def call(self) -> None:
            """What it does."""

        def other(self) -> None: ...

    class Derived(Base):
        def call(self) -> None: ...

        @property
        def size(self) -> int:
            return 1

    assert [w.split(".")[-1] for w in methods_without_docstring(Base)] == [
        "other has no docstring"
    ]
    assert [w.split(".")[-1] for w in methods_without_docstring(Derived)] == [
        "size has no docstring"
    ]
