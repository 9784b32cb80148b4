"""Which symbols of Keras and TensorFlow a script uses, by reading it.

A symbol is written as in `notebooks.txt`:

    keras.layers.Dense(activation=)      an argument of what a module has
    Model.fit, Model.fit(epochs=)        what an object has, an argument of its call
    Optimizer.learning_rate = (assignment)
    string loss="mse"                    a text as an argument, alone or in a list
    subclass of keras.Model              a class's base
    override Model.call(self, inputs)    a method of a class, and its parameters
    from keras import layers             an import, by the line

What an object's class is cannot be read from a script: of `Model.fit` it is only known
that something has an attribute `fit`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

ROOTS = ("keras", "tf")


def used(source: str) -> set[str]:
    """The symbols that a script uses, in the words of the list; classes are `*`.

    >>> sorted(used("import keras\\nm.fit(x, epochs=3)\\nkeras.layers.Dense(3)"))[:4]
    ['*.fit', '*.fit(epochs=)', 'import keras', 'keras.layers']
    """
    return set(_Reader(ast.parse(source)).symbols())


def lacking(listed: Iterable[str], found: set[str]) -> list[str]:
    """The listed symbols that are not among the used ones.

    >>> lacking(["Model.fit", "Model.fit(x=)"], {"*.fit"})
    ['Model.fit(x=)']
    """
    return [symbol for symbol in listed if anonymous(symbol) not in found]


def anonymous(symbol: str) -> str:
    """A symbol with `*` for the class of an object.

    >>> anonymous("Model.fit(x=)"), anonymous("override Layer.call(self, inputs)")
    ('*.fit(x=)', 'override *.call(self, inputs)')
    """
    return re.sub(r"^(override )?[A-Z]\w*\.", r"\1*.", symbol)


class _Reader:
    """Walks over a script, with what its imports mean."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.meant: dict[str, str] = {}

    def symbols(self) -> Iterator[str]:
        """All of them, some more than once."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._import(node)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield from self._attribute(node)
            elif isinstance(node, ast.Name) and node.id in self.meant:
                yield self.meant[node.id]
            elif isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.ClassDef):
                yield from self._class(node)
            elif isinstance(node, ast.keyword):
                yield from self._texts(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        home = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for name in node.names:
            alias = f" as {name.asname}" if name.asname else ""
            start = f"from {home[:-1]} import" if home else "import"
            yield f"{start} {name.name}{alias}"
            yield f"{start} {name.name}"
            path = re.sub(r"^tensorflow\.keras\b", "keras", f"{home}{name.name}")
            path = re.sub(r"^tensorflow\b", "tf", path)
            if path.partition(".")[0] in ROOTS:
                bound = name.asname or (name.name if home else path.partition(".")[0])
                self.meant[bound] = path if home or name.asname else bound

    def _path(self, node: ast.expr) -> str | None:
        """What a name or a chain of attributes means, if it begins with a module."""
        if isinstance(node, ast.Name):
            return self.meant.get(node.id)
        if not isinstance(node, ast.Attribute):
            return None
        owner = self._path(node.value)
        path = owner and f"{owner}.{node.attr}"
        return path and re.sub(r"^tf\.keras\b", "keras", path)

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        path = self._path(node)
        if path:
            yield path
        elif isinstance(node.ctx, ast.Store):
            yield f"*.{node.attr} = (assignment)"
        else:
            yield f"*.{node.attr}"

    def _call(self, node: ast.Call) -> Iterator[str]:
        path = self._path(node.func)
        if path is None and isinstance(node.func, ast.Attribute):
            path = f"*.{node.func.attr}"
        elif path is None:
            path = "*.__call__"
            yield path
        for keyword in node.keywords:
            yield f"{path}({keyword.arg}=)"

    def _class(self, node: ast.ClassDef) -> Iterator[str]:
        for base in node.bases:
            path = self._path(base)
            if path:
                yield f"subclass of {path}"
        for method in node.body:
            if isinstance(method, ast.FunctionDef):
                given = method.args
                names = [a.arg for a in (*given.args, *given.kwonlyargs)]
                yield f"override *.{method.name}"
                yield f"override *.{method.name}({', '.join(names)})"

    def _texts(self, node: ast.keyword) -> Iterator[str]:
        for part in ast.walk(node.value):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield f'string {node.arg}="{part.value}"'
