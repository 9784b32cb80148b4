"""A trained model of a table: from raw rows to labels, or to numbers in their units."""

from __future__ import annotations

import importlib
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn.data.levels import Levels
from pronghorn.data.schema import Schema
from pronghorn.errors import DataError, FileFormatError, StateError
from pronghorn.models import load_model
from pronghorn.tabular.host import Host, HostInputs
from pronghorn.tabular.members import TableNet
from pronghorn.tabular.scores import classification_scores, regression_scores
from pronghorn.tabular.targets import Target

__all__ = ["MEMBER", "TableModel"]

FORMAT = 1
MEMBER = "table.json"
"""The member of a model's file, below `pronghorn/`, that makes it a table's model."""


#: What makes reports; it lies above, in `pronghorn.report`, and puts itself here.
REPORTING: list[Callable[..., Any]] = []


class TableModel:
    """What `fit` gives: takes raw tables, and answers in the target's own words.

    Attributes:
        schema: the table's columns, each with its kind and its encoder, and the target.
        net: the net behind the host stage, a Keras-style model of `numbers` and `ids`.
        history: by name, one value an epoch.
        best: the epoch that each member's weights are of, from 1.
        validated: the answers for the rows that chose the weights, as `predict_proba`
            gives them (or standardized numbers), and their row numbers; None after
            `load`.
        classes: the labels in the order of `predict_proba`'s columns.
    """

    def __init__(
        self,
        schema: Schema,
        target: Target,
        net: TableNet,
        history: Mapping[str, list[float]],
        best: tuple[int, ...] = (),
        validated: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self.schema = schema
        self.net = net
        self.history = dict(history)
        self.best = best
        self.validated = validated
        self._target = target
        self._host = Host(schema)

    @property
    def classes(self) -> np.ndarray:
        """The labels in the order of `predict_proba`'s columns; empty for numbers."""
        return self._target.labels

    def encode(self, data: Any) -> HostInputs:
        """What the net gets: raw columns as numbers and ids.

        Args:
            data: a table, or the path of one, as for `fit`; also a dict of one row.

        Raises:
            DataError: a column is missing, or a value does not fit its column.
        """
        return self._host.encode(data)

    def encode_target(self, values: Any) -> np.ndarray:
        """What the net learns: int32 numbers of the classes, or standardized float32.

        Raises:
            DataError: a label that the model does not know; text, NaN or infinity
                where the target is a number.
        """
        return self._target.encode(values)

    def predict(self, data: Any) -> np.ndarray:
        """A prediction for each row.

        Args:
            data: a table, or the path of one, as for `fit`; also a dict of one row.

        Returns:
            (rows,): labels in their own type, or float64 in the target's units.

        Raises:
            DataError: a column is missing, or a value does not fit its column.
        """
        return self._target.decode(self._outputs(data))

    def predict_proba(self, data: Any) -> np.ndarray:
        """How likely each class is: float32 (rows, classes), rows add up to 1.

        Raises:
            StateError: the model predicts numbers.
            DataError: as `predict`.
        """
        if not self._target.classes:
            raise StateError(
                "This model predicts numbers: it has no probabilities.",
                where="predict_proba",
                expected="a model of classes",
                received=f"a regression of {self.schema.target.name!r}",
                remedy="predict(data)",
            )
        return self._outputs(data)

    def _outputs(self, data: Any) -> np.ndarray:
        inputs = self._host.encode(data).inputs
        packed: Any = inputs if len(inputs) > 1 else inputs[0]
        return np.asarray(self.net.predict(packed, verbose=0))

    def evaluate(self, data: Any, y: Any = None) -> dict[str, float]:
        """Scores on rows whose target is known.

        Args:
            data: as for `predict`, with the target's column where `y` is None.
            y: the target, (rows,).

        Returns:
            "accuracy", "log_loss" and for two classes "auc"; or "rmse", "mae", "r2".

        Raises:
            DataError: as `predict`; or there is no target.
        """
        if y is None:
            table = self._host.open(data)
            name = self.schema.target.name
            if name not in table.columns:
                raise _no_target(name, table.columns)
            y, data = table.values(name), table
        classes = self._target.classes
        truth = self._target.encode(y) if classes else self._target.numbers(y)
        found = self._outputs(data)
        if len(found) != len(truth):
            raise DataError(
                "The table and the target differ in their rows.",
                where="evaluate",
                expected=f"{len(found)} values, one for each row",
                received=f"{len(truth)} values",
            )
        if classes:
            return classification_scores(truth, found)
        return regression_scores(truth, self._target.decode(found))

    def report(
        self,
        path: str | os.PathLike[str],
        holdout: Any,
        training: Any = None,
        *,
        title: str | None = None,
        file: str = "model.keras",
        seed: int = 0,
    ) -> Any:
        """Writes a page on this model: data, scores, what it looks at, where it fails.

        Args:
            path: of the page, a name ending in `.html`; a file there is replaced.
            holdout: rows that the model was not trained on: a table with the target, as
                for `fit`, or (data, y).
            training: the rows that it was trained on, for what moved between the two,
                shared rows and the baseline. Default None: these are left out, or made
                from the holdout.
            title: of the page. Default None: by the target's name.
            file: the model's file, in the lines of the page that show how to use it.
            seed: of the resamples and shuffles. Default 0.

        Returns:
            The `pronghorn.report.Report`: its `findings`, and `values` with all else.

        Raises:
            ArgumentError: another ending, or a missing folder.
            DataError: no held-out row has a target that the model knows, or a column is
                missing.
        """
        if not REPORTING:
            importlib.import_module("pronghorn.report")
        return REPORTING[0](
            self, path, holdout, training, title=title, file=file, seed=seed
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the whole into one `.keras` file; `TableModel.load` reads it.

        Raises:
            ArgumentError: another extension, or a missing folder.
        """
        self._attach()
        self.net.save(path)

    def to_bytes(self) -> bytes:
        """The same as a file's bytes."""
        self._attach()
        out = io.BytesIO()
        self.net.save(out, include_optimizer=False)
        return out.getvalue()

    def _attach(self) -> None:
        told = _Told(self.schema, self._target, self.history, self.best)
        self.net._pronghorn_members = {MEMBER: told}

    @classmethod
    def load(cls, path: Any) -> TableModel:
        """A model from its file; nothing in it runs.

        Args:
            path: what `save` wrote, or an open binary file.

        Raises:
            FileFormatError: it is no such file, or damaged.
        """
        return cls.from_net(load_model(path), str(path))

    @classmethod
    def from_net(cls, net: Any, where: str = "TableModel.from_net") -> TableModel:
        """The table's model that a net read from a file belongs to.

        Args:
            net: what `pronghorn.models.load_model` gave.
            where: the file, for errors.

        Raises:
            FileFormatError: the file was none of a table's model, or is damaged.
        """
        members = getattr(net, "_pronghorn_members", None) or {}
        if MEMBER not in members:
            raise _broken(where, f"no member pronghorn/{MEMBER}")
        if not isinstance(net, TableNet):
            raise _broken(where, f"a {type(net).__name__} instead of a TableNet")
        try:
            data = json.loads(bytes(members[MEMBER]))
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']!r}, this reads {FORMAT}")
            schema = Schema.from_dict(data["schema"])
            _check_encoders(schema)
            target = Target.from_dict(schema.target, data["target"])
            history = {str(k): list(map(float, v)) for k, v in data["history"].items()}
            best = tuple(int(epoch) for epoch in data["best"])
            made = cls(schema, target, net, history, best)
            _check_fits(made)
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise _broken(where, f"{type(error).__name__}: {error}") from error
        made._attach()  # instead of the bytes that were read
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_bytes, (self.to_bytes(),)

    def __repr__(self) -> str:
        task, name = self.schema.target.task, self.schema.target.name
        columns = len(self.schema.used)
        return f"<TableModel: {task} of {name!r} by {columns} column(s)>"


@dataclass(frozen=True)
class _Told:
    """The member of a model's file that makes it a table's; written when asked for."""

    schema: Schema
    target: Target
    history: Mapping[str, list[float]]
    best: tuple[int, ...]

    def __bytes__(self) -> bytes:
        data = {
            "format": FORMAT,
            "schema": self.schema.to_dict(),
            "target": self.target.to_dict(),
            "history": self.history,
            "best": self.best,
        }
        return json.dumps(data, allow_nan=False, default=list).encode()


def _from_bytes(data: bytes) -> TableModel:
    return TableModel.load(io.BytesIO(data))


def _check_encoders(schema: Schema) -> None:
    """Refuses what `fit_host` does not make.

    Raises:
        ValueError: an offset that is no number, categories that are no texts.
    """
    for column in schema.used:
        encoder = column.encoder
        offset = encoder.get("offset", 0.0)
        levels, parts = encoder.get("categories", []), encoder.get("parts", [])
        if type(offset) not in (int, float) or not math.isfinite(offset):
            raise ValueError(f"offset {offset!r} of column {column.name!r}")
        for texts in (levels, parts):
            if isinstance(texts, Levels):  # of texts alone
                continue
            if not isinstance(texts, list) or {*map(type, texts)} - {str}:
                raise ValueError(f"encoder of column {column.name!r}")


def _check_fits(model: TableModel) -> None:
    """Refuses a schema or a target that is not the net's.

    Raises:
        ValueError: the net takes or gives another number of columns or classes, or
            knows fewer categories.
    """
    host, net = model._host, model.net
    if net.task != model.schema.target.task:
        raise ValueError(f"a net of {net.task}")
    if net.output.shape[-1] != model._target.outputs:
        raise ValueError(f"{net.output.shape[-1]} outputs of the net")
    wanted = [n for n in (len(host.numbers), len(host.categories)) if n]
    if [x.shape[1] for x in net.inputs] != wanted:
        raise ValueError(f"inputs of the net that are not {wanted} columns wide")
    # Its last category tells for each column whether the net knows all of them.
    rows = np.zeros((1, len(host.numbers)), np.float32)
    last = [[len(levels) + 1 for levels in host.categories]]
    inputs = HostInputs(rows, np.array(last, np.int32).reshape(1, -1)).inputs
    net.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)


def _no_target(name: str, columns: Iterable[str]) -> DataError:
    return DataError(
        f"The table has no column {name!r}, the target of this model.",
        where="evaluate",
        expected="the target among the columns, or as y",
        received="columns " + ", ".join(map(repr, columns)),
        remedy="evaluate(data, y)",
    )


def _broken(where: str, received: str) -> FileFormatError:
    return FileFormatError(
        "The file holds no model of a table.",
        where=where,
        expected="a .keras file that TableModel.save wrote",
        received=received,
        remedy="other models are read by pronghorn.models.load_model",
    )
