"""Optuna's side of `tune`: a study that proposes configurations and gives some up."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pronghorn.errors import ArgumentError, MissingDependencyError
from pronghorn.tabular.presets import Preset
from pronghorn.tuning.program import Judged
from pronghorn.tuning.space import Choices

__all__ = ["Asked", "Gate", "Search", "need", "open_study"]

NAME = "pronghorn"
"""The study's name in a storage, unless another is given."""

KEY = "pronghorn"  # of what a study says about its data
KEPT = 75.0  # percent of the trials until then that one must be among, at a rung
STARTUP = 8  # trials that are drawn at random, and trained to the end, at first


def need(name: str) -> Any:
    """A package of the extra `tune`.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingDependencyError(
            f"The search needs {name}, which is not installed.",
            where="tune",
            remedy="pip install 'pronghorn[tune]'",
        ) from error


def open_study(storage: Any, study: Any, seed: int, facts: Mapping[str, Any]) -> Any:
    """The study to go on with, or a new one.

    A new one proposes by Optuna's tree-structured Parzen estimator, and gives up the
    worst quarter at each rung; both begin after 8 trials.

    Args:
        storage: where Optuna keeps it, such as "sqlite:///search.db"; None: in memory.
        study: its name, or a study that was made before.
        seed: of the proposals.
        facts: what must be the same whenever the study goes on.

    Raises:
        ArgumentError: the study looks for a maximum, or is about other data.
    """
    optuna = need("optuna")
    if study is None or isinstance(study, str):
        name = study or (None if storage is None else NAME)
        with quiet():
            study = optuna.create_study(
                storage=storage,
                study_name=name,
                load_if_exists=True,
                pruner=optuna.pruners.PercentilePruner(KEPT, n_startup_trials=STARTUP),
            )
            # A search that goes on must not propose the first draws again.
            study.sampler = optuna.samplers.TPESampler(
                n_startup_trials=STARTUP, seed=seed + len(study.trials)
            )
    elif storage is not None:
        raise ArgumentError(
            "A study has its storage already.",
            where="tune(storage=)",
            expected="storage and the study's name, or a study alone",
            received=f"study={study!r}",
        )
    if [d.name for d in study.directions] != ["MINIMIZE"]:
        raise ArgumentError(
            "The study does not look for a minimum.",
            where="tune(study=)",
            expected='optuna.create_study(direction="minimize")',
            received=", ".join(d.name.lower() for d in study.directions),
        )
    known = study.user_attrs.get(KEY)
    if known is None:
        study.set_user_attr(KEY, dict(facts))
    elif known != facts:
        other = [key for key in facts if known.get(key) != facts[key]]
        raise ArgumentError(
            f"The study {study.study_name!r} is about something else: "
            f"another {', another '.join(other)}.",
            where="tune",
            expected=", ".join(f"{key}: {known.get(key)}" for key in other),
            received=", ".join(f"{key}: {facts[key]}" for key in other),
            remedy="give study= another name, or the same data and arguments",
        )
    return study


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps Optuna from telling that studies were made."""
    logging = need("optuna").logging
    before = logging.get_verbosity()
    logging.set_verbosity(max(before, logging.WARNING))
    try:
        yield
    finally:
        logging.set_verbosity(before)


@dataclass(frozen=True)
class Asked:
    """A configuration that was proposed.

    Attributes:
        trial: Optuna's.
        chosen: it.
    """

    trial: Any
    chosen: Preset


@dataclass(frozen=True)
class Gate:
    """What a study's pruner says about the configurations of one program.

    It is a value that travels to other processes: it holds the trials that were over
    when the program began, and makes a study of them there.

    Attributes:
        pruner: the study's.
        finished: the trials that are over.
        asked: parameters and distributions of the program's configurations.
    """

    pruner: Any
    finished: tuple[Any, ...]
    asked: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]

    def part(self, first: int, last: int) -> Gate:
        """The same for the configurations from `first` to before `last`."""
        return Gate(self.pruner, self.finished, self.asked[first:last])

    def begin(self) -> _Keep:
        """Makes the study."""
        optuna = need("optuna")
        with quiet():
            study = optuna.create_study(pruner=self.pruner)
        study.add_trials(self.finished)
        trials = []
        for params, distributions in self.asked:
            study.enqueue_trial(dict(params))
            trials.append(study.ask(dict(distributions)))
        return _Keep(trials)


class _Keep:
    def __init__(self, trials: Sequence[Any]) -> None:
        self._trials = trials

    def __call__(self, rung: int, scores: dict[int, float]) -> Iterable[int]:
        for place, score in scores.items():
            self._trials[place].report(score, rung)
        return [k for k in scores if not self._trials[k].should_prune()]


class Search:
    """Asks a study for configurations, and tells it what became of them."""

    def __init__(self, study: Any, choices: Choices) -> None:
        self.study = study
        self._choices = choices
        self._states = need("optuna").trial.TrialState
        if not study.trials:
            first = choices.first()
            if first:
                study.enqueue_trial(first)

    @property
    def over(self) -> int:
        """How many trials were trained to the end or given up."""
        done = (self._states.COMPLETE, self._states.PRUNED)
        return len(self.study.get_trials(deepcopy=False, states=done))

    def ask(self, count: int, together: int) -> list[Asked]:
        """New configurations, so that each `together` of them make a program.

        The study proposes the first of a program freely. The others get its values of
        what nets of a program share, and the study proposes the rest of them.
        """
        found: list[Asked] = []
        try:
            for number in range(count):
                if number % together and found[-1].trial.params:
                    shared = self._choices.shared(found[-1].trial.params)
                    if shared:
                        self.study.enqueue_trial(shared)
                found.append(self._ask())
        except BaseException:
            self.drop(found)
            raise
        return found

    def _ask(self) -> Asked:
        trial = self.study.ask()
        try:
            return Asked(trial, self._choices.ask(trial))
        except BaseException:
            self.study.tell(trial, state=self._states.FAIL)
            raise

    def gate(self, asked: Sequence[Asked]) -> Gate:
        """What decides who of a program goes on."""
        states = (self._states.COMPLETE, self._states.PRUNED)
        finished = self.study.get_trials(states=states)
        each = [(a.trial.params, a.trial.distributions) for a in asked]
        return Gate(self.study.pruner, tuple(finished), tuple(each))

    def tell(self, asked: Asked, judged: Judged) -> Any:
        """Says what became of a configuration; gives the trial as it is kept."""
        trial, states = asked.trial, self._states
        for rung, score in enumerate(judged.rungs):
            trial.report(score, rung)
        trial.set_user_attr("state", judged.state)
        trial.set_user_attr("epoch", judged.epoch)
        if judged.state == "complete":
            return self.study.tell(trial, judged.score)
        return self.study.tell(trial, state=states.PRUNED)

    def drop(self, asked: Iterable[Asked]) -> None:
        """Marks trials that will not be told."""
        for each in asked:
            self.study.tell(each.trial, state=self._states.FAIL, skip_if_finished=True)

    def best(self) -> tuple[Any, Preset] | None:
        """The best trial and its configuration; None where none was complete."""
        complete = (self._states.COMPLETE,)
        if not self.study.get_trials(deepcopy=False, states=complete):
            return None
        trial = self.study.best_trial
        fixed = need("optuna").trial.FixedTrial(trial.params)
        return trial, self._choices.ask(fixed)

    def table(self, metric: str) -> list[dict[str, Any]]:
        """A row for each trial that is over, in the order of their numbers."""
        rows = []
        for trial in self.study.get_trials(deepcopy=False):
            if not trial.state.is_finished():
                continue
            state = trial.user_attrs.get("state", "failed")
            row = {
                "trial": trial.number,
                "state": state,
                metric: trial.value,
                "epoch": trial.user_attrs.get("epoch"),
                **trial.params,
            }
            rows.append(row)
        return rows
