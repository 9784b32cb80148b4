"""The course's code that is to be true of Keras: cells `keras_*`, and solutions."""

from __future__ import annotations

import ast
import importlib
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pronghorn.learn.course import LESSONS
from tests.learn.answers import of_lesson
from tests.learn.running import NOTEBOOKS, names_of

__all__ = ["Snippet", "cells", "snippets", "solutions"]

GIVEN = {"keras", "layers", "np"}  # what a cell named `keras_*` may take


@dataclass(frozen=True)
class Snippet:
    """Code for both sides.

    Attributes:
        name: where it stands.
        code: Python over the names `keras`, `layers`, `np` and those of `data`.
        data: arrays, numbers and words that the code takes.
    """

    name: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)


def snippets() -> list[Snippet]:
    """All of the course's."""
    return [*cells(), *solutions()]


def cells() -> list[Snippet]:
    """One for each notebook that has such cells: all of them, in their order."""
    found = []
    for path in sorted(NOTEBOOKS.glob("*.py")):
        code = keras_cells(path)
        if code:
            found.append(Snippet(path.stem, code))
    return found


def keras_cells(path: Path) -> str:
    """The bodies of a notebook's cells named `keras_*`; raises where one takes more."""
    text = path.read_text(encoding="utf-8")
    known, parts = set(GIVEN), []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("keras_"):
            continue
        takes = {argument.arg for argument in node.args.args}
        if takes - known:
            raise ValueError(
                f"{path.name}: {node.name} takes {sorted(takes - known)}; it may take "
                "keras, layers, np and what other keras_ cells define"
            )
        known |= {
            name.id
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
        body = [each for each in node.body if not isinstance(each, ast.Return)]
        lines = text.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
        parts.append(textwrap.dedent("\n".join(lines)))
    return "\n".join(parts)


def solutions() -> list[Snippet]:
    """One for each solution that names `keras` or `layers`."""
    found = []
    for lesson in LESSONS:
        if not (NOTEBOOKS / lesson.exercise).exists():
            continue
        module = importlib.import_module(
            f"pronghorn.learn.questions.lesson_{lesson.number}"
        )
        for name, answers in of_lesson(lesson.number).items():
            question = getattr(module, name)
            code = f"{answers.before}\n{question.answer}"
            used = names_in(code)
            if not used & {"keras", "layers"} or "pronghorn" in code:
                continue
            kind = lesson.tutorial if question.number == 0 else lesson.exercise
            names = names_of(kind)
            data = {
                each: portable(names[each])
                for each in sorted(used & set(names) - GIVEN)
                if is_data(names[each])
            }
            found.append(Snippet(f"solution {question.name}", code, data))
    return found


def names_in(code: str) -> set[str]:
    """Names that code reads or sets."""
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def is_data(value: Any) -> bool:
    """Whether a value can travel to the other side."""
    kinds = (int, float, str, list, tuple, dict, np.ndarray, np.generic)
    return isinstance(value, (*kinds, pd.DataFrame, pd.Series))


def portable(value: Any) -> Any:
    """The value, with frames as columns: the other side may have another pandas."""
    if isinstance(value, pd.DataFrame):
        return {"frame": {name: np.asarray(value[name]) for name in value}}
    if isinstance(value, pd.Series):
        return {"column": np.asarray(value), "name": value.name}
    return value
