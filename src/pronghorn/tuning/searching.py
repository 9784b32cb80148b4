"""`tune`: the best configuration for a table, and its model, in one call."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pronghorn.data.schema import Schema
from pronghorn.errors import ArgumentError, DataError, DivergedError
from pronghorn.tabular.fitting import _Given, _given, _merged, _schema, _weights
from pronghorn.tabular.host import Host
from pronghorn.tabular.presets import Preset
from pronghorn.tabular.presets import preset as preset_of
from pronghorn.tabular.table_model import TableModel
from pronghorn.tabular.targets import Target, fit_target
from pronghorn.tabular.training import Rows
from pronghorn.tuning.judging import Judge
from pronghorn.tuning.program import (
    PREDICT_ROWS,
    Judged,
    Setting,
    build_net,
    train_together,
)
from pronghorn.tuning.space import Space, shared_part, space_of
from pronghorn.tuning.study import Asked, Search, need, open_study
from pronghorn.tuning.tuned import Tuned

__all__ = ["tune"]


def tune(
    data: Any,
    target: Any,
    *,
    trials: int = 40,
    folds: int = 5,
    timeout: float | None = None,
    task: str | None = None,
    space: Space | None = None,
    preset: str | Preset = "default",
    together: int = 4,
    sample_weight: Any = None,
    features: Sequence[str] = (),
    drop: Sequence[str] = (),
    seed: int = 0,
    n_jobs: int | None = None,
    backend: Any = None,
    storage: Any = None,
    study: Any = None,
    callbacks: Sequence[Callable[[Any, Any], object]] = (),
    verbose: int = 0,
) -> Tuned:
    """Searches how to train a table's net; each configuration is judged out of fold.

    Optuna proposes configurations of a preset, the first of them the preset itself.
    Some are trained together, with all their folds, as one program of the engine. Of
    rows that it did not learn, each configuration's nets tell how good it is: by log
    loss at the temperature that suits it, or by root mean squared error. Its epoch is
    the best one of all its folds together. What is among the worst quarter of those
    before it, where the learning rate has come down to 0 within the training, is given
    up.

    Args:
        data: as for `tabular.fit`: a frame, a dict of columns, an array, a file's path.
        target: the name of the column to predict, or its values, (rows,).
        trials: configurations in all, those of a study that goes on among them.
            Default 40.
        folds: parts of the rows, each left out by one net of a configuration. 2 or
            more. Default 5.
        timeout: seconds after which no further program begins; the first always runs.
        task: "regression" or "classification". Default: by the target's values.
        space: a dict from attributes of `Preset` to a `Range` or a list of values, or a
            function from Optuna's trial to such attributes and their values. Default:
            `tuning.default_space(task)`.
        preset: what is searched around: all that the space does not name. Its members
            and folds are set by `folds`. Default "default".
        together: configurations of a program. Default 4.
        sample_weight: how much each row counts, (rows,), in training and in scores.
        features: the columns to use. Default: all that are of use.
        drop: columns to leave out.
        seed: of all that is drawn. Default 0. The same seed, with the same `together`
            and number of processes, finds the same.
        n_jobs: programs to run side by side, in processes of joblib; -1 is one for each
            processor. Default: 1, or what `joblib.parallel_config` says.
        backend: joblib's: "loky", "dask", ... Default: what `joblib.parallel_config`
            says.
        storage: where Optuna keeps the study, such as "sqlite:///search.db", so that a
            search can go on. Default: in memory.
        study: the study's name in the storage (default "pronghorn"), or an Optuna study
            with a sampler and a pruner of your own.
        callbacks: called with the study and the trial after each trial, as Optuna does.
        verbose: 1 prints a line for each trial. Default 0.

    Returns:
        A `Tuned`: the best configuration, the trials, out-of-fold answers, the model.

    Raises:
        MissingDependencyError: Optuna or joblib is not installed.
        ArgumentError: trials, folds or together out of range; a name in the space that
            no preset has; a study of other data.
        DataError: as `tabular.fit`; fewer rows than folds.
        DivergedError: no configuration kept a finite loss.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> size = rng.normal(size=200)
    >>> data = {"size": size, "price": 3 * size + rng.normal(size=200)}
    >>> from pronghorn.tuning import Range
    >>> space = {"rate": Range(0.02, 0.3, log=True), "hidden": [(32,), (16, 16)]}
    >>> tuned = tune(data, "price", trials=4, folds=2, space=space, preset="fast")
    >>> len(tuned.trials), tuned.out_of_fold.shape
    (4, (200,))
    """
    _check_whole("trials", trials, 1)
    _check_whole("folds", folds, 2)
    _check_whole("together", together, 1)
    joblib = need("joblib")
    table = _prepare(data, target, task, sample_weight, features, drop, folds, seed)
    # The nets of a configuration differ in their rows alone.
    start = replace(preset_of(preset), members=folds, folds=folds, mixed=False)
    rows = len(table.setting.rows)
    choices = space_of(space, start, table.setting.task, rows)
    facts = _facts(table.setting, choices.start)
    search = Search(open_study(storage, study, seed, facts), choices)
    deadline = None if timeout is None else time.monotonic() + timeout
    with joblib.parallel_config(**({} if backend is None else {"backend": backend})):
        workers = joblib.effective_n_jobs(n_jobs)
        best: tuple[int, Judged] | None = None
        for asked in _rounds(search, trials, workers, together, deadline):
            for each, judged in _run(table.setting, search, asked, together, n_jobs):
                kept = search.tell(each, judged)
                better = best is None or judged.score < best[1].score
                if judged.weights is not None and better:
                    best = (kept.number, judged)
                if verbose:
                    print(_line(kept, judged, table.setting.judge.metric))
                for callback in callbacks:
                    callback(search.study, kept)
    return _result(table, search, best, seed)


@dataclass(frozen=True)
class _Table:
    """A table made ready for the search.

    Attributes:
        given: its rows as `fit` has them.
        goal: the target.
        setting: its rows for nets.
        schema: of its columns.
        rest: the rows that nobody learns, or None.
    """

    given: _Given
    goal: Target
    setting: Setting
    schema: Schema
    rest: Rows | None


def _prepare(
    data: Any,
    target: Any,
    task: str | None,
    sample_weight: Any,
    features: Sequence[str],
    drop: Sequence[str],
    folds: int,
    seed: int,
) -> _Table:
    given = _given(data, target, None, sample_weight, task)
    learned = given.learned
    goal = fit_target(given.values[learned], given.name, task)
    # Copies in two folds would let a net answer for a row that it learned.
    groups = _merged(given, goal, features, drop)[1][learned]
    different = int(groups.max()) + 1
    if different < 2 * folds:
        raise DataError(
            f"{different} different rows cannot be cut into {folds} folds.",
            where="tune(folds=)",
            expected=f"at least {2 * folds} rows, two for each fold",
            received=f"{len(learned)} rows, {different} of them different",
            remedy="give more rows, or fewer folds",
        )
    schema = _schema(given, goal, features, drop, Preset(members=folds), seed)
    baseline = goal.baseline(given.values[learned])
    schema = replace(schema, net={**schema.net, "baseline": baseline})
    host = Host(schema)
    encoded = host.encode(given.table)
    weight = _weights(given, goal, None)
    rows = Rows(encoded.numbers, encoded.ids, goal.encode(given.values), weight)
    rest = np.setdiff1d(np.arange(len(rows)), learned)
    truth = rows.target if goal.classes else np.asarray(given.values, np.float64)
    judge = Judge(goal, truth[learned], None if weight is None else weight[learned])
    sizes = tuple(len(levels) for levels in host.categories)
    setting = Setting(rows.take(learned), sizes, judge, folds, seed, groups)
    return _Table(given, goal, setting, schema, rows.take(rest) if len(rest) else None)


def _facts(setting: Setting, start: Preset) -> dict[str, Any]:
    """What a study is about: it goes on with the same only."""
    rows = setting.rows
    digest = hashlib.sha256()
    for part in (rows.numbers, rows.ids, rows.target, rows.weight):
        if part is not None:
            digest.update(np.ascontiguousarray(part).tobytes())
    return {
        "data": digest.hexdigest(),
        "folds": setting.folds,
        "seed": setting.seed,
        "preset": repr(start),
    }


def _rounds(
    search: Search, trials: int, workers: int, together: int, deadline: float | None
) -> Iterator[list[Asked]]:
    """Configurations for all processes, until there are enough or time is up."""
    while (left := trials - search.over) > 0:
        yield search.ask(min(left, workers * together), together)
        if deadline is not None and time.monotonic() >= deadline:
            return


def _run(
    setting: Setting,
    search: Search,
    asked: Sequence[Asked],
    together: int,
    n_jobs: int | None,
) -> list[tuple[Asked, Judged]]:
    """Trains configurations in as few programs as `together` allows."""
    groups: dict[Preset, list[Asked]] = {}
    for each in asked:
        groups.setdefault(shared_part(each.chosen), []).append(each)
    programs = [
        group[first : first + together]
        for group in groups.values()
        for first in range(0, len(group), together)
    ]
    calls = [(setting, [a.chosen for a in p], search.gate(p)) for p in programs]
    joblib = need("joblib")
    try:
        if joblib.effective_n_jobs(n_jobs) == 1:
            found = [train_together(*call) for call in calls]
        else:
            run = joblib.delayed(train_together)
            found = joblib.Parallel(n_jobs=n_jobs)(run(*call) for call in calls)
    except BaseException:
        search.drop(asked)
        raise
    judged = [pair for p, results in zip(programs, found) for pair in zip(p, results)]
    return sorted(judged, key=lambda pair: pair[0].trial.number)


def _line(trial: Any, judged: Judged, metric: str) -> str:
    values = {
        k: f"{v:.3g}" if isinstance(v, float) else v for k, v in trial.params.items()
    }
    told = " ".join(f"{name}={value}" for name, value in values.items())
    return f"trial {trial.number}: {judged.state}, {metric} {judged.score:.5g}, {told}"


def _result(
    table: _Table, search: Search, best: tuple[int, Judged] | None, seed: int
) -> Tuned:
    found = search.best()
    if found is None:
        raise DivergedError(
            "No configuration kept a finite loss.",
            where="tune",
            expected="at least one that could be trained to the end",
            received=f"{len(search.study.trials)} trial(s)",
            remedy="search smaller rates",
        )
    trial, chosen = found
    setting, goal = table.setting, table.goal
    if best is not None and best[0] == trial.number:
        judged = best[1]
    else:  # an earlier search found it: its weights were not kept
        judged = train_together(setting, [chosen])[0]
    if judged.outputs is None or judged.weights is None:
        raise DivergedError(
            "The best configuration was trained again, and diverged.",
            where=f"tune, trial {trial.number}",
            remedy="search smaller rates",
        )
    temperature, answers = setting.judge.answers(judged.outputs)
    net = build_net(setting, chosen, judged.weights, temperature)
    kind = {
        "baseline": table.schema.net["baseline"],
        "members": setting.folds,
        "hidden": list(chosen.hidden),
        "seed": seed,
        "tuned": dict(trial.params),
    }
    raw = answers if goal.classes else judged.outputs
    model = TableModel(
        replace(table.schema, net=kind),
        goal,
        net,
        {
            "loss": list(judged.losses),
            f"val_{setting.judge.metric}": list(judged.curve),
        },
        (judged.epoch,) * setting.folds,
        (raw, table.given.learned),
    )
    if table.rest is not None:
        inputs = table.rest.inputs
        packed: Any = inputs if len(inputs) > 1 else inputs[0]
        more = net.predict(packed, batch_size=PREDICT_ROWS, verbose=0)
        whole = np.empty((len(table.given.values), *answers.shape[1:]), answers.dtype)
        whole[table.given.learned] = answers
        rest = np.setdiff1d(np.arange(len(whole)), table.given.learned)
        whole[rest] = more if goal.classes else goal.decode(np.asarray(more))
        answers = whole
    return Tuned(
        chosen,
        dict(trial.params),
        setting.judge.metric,
        judged.score,
        search.table(setting.judge.metric),
        answers,
        model,
        search.study,
    )


def _check_whole(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ArgumentError(
            f"{name} is no whole number from {least} up.",
            where=f"tune({name}=)",
            expected=f"a whole number, {least} or more",
            received=repr(value),
        )
