"""`compile`, `fit`, `evaluate` and `predict`, as Keras's models have them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn import optimizers, random
from pronghorn.callbacks import CallbackList, History
from pronghorn.data.streams import is_stream, open_stream
from pronghorn.errors import ArgumentError, StateError
from pronghorn.settings import warned_of_bad_data
from pronghorn.training.arguments import (
    checked_frequency,
    flag,
    limited_epochs,
    limited_steps,
    rows_per_step,
    step_count,
    verbosity_of,
    warn_of_own_compile,
    whole_number,
)
from pronghorn.training.batches import Batches
from pronghorn.training.column_names import Columns
from pronghorn.training.dataset import Dataset, InputInfo, prepare
from pronghorn.training.logs import Logs
from pronghorn.training.loop import Fit, ends_on_nan, evaluate_pass, watched
from pronghorn.training.objective import Objective
from pronghorn.training.opening import for_evaluation, for_training, for_validation
from pronghorn.training.own import predict_eagerly
from pronghorn.training.parts import numbered, with_targets
from pronghorn.training.programs import Programs, outputs_for
from pronghorn.training.quick import Quick, draws
from pronghorn.training.sources import (
    ArraySource,
    Block,
    BlockSource,
    Source,
    first_rows,
)
from pronghorn.training.stepping import Steps
from pronghorn.training.streaming import StreamSource
from pronghorn.training.validation import Validation
from pronghorn.tree import flatten, is_nested, pack_sequence_as

__all__ = ["Trainer"]

_VERBOSITIES = (0, 1, 2, "auto")


class Trainer(Columns, Batches, Steps):
    """Mixin: what a model can do once it has layers."""

    name: str
    built: bool
    trainable_variables: Any  # a property of Layer
    optimizer: Any  # not there before compile(), as in Keras
    loss: Any = None
    run_eagerly: bool
    steps_per_execution: int
    stop_training: bool
    stop_evaluating: bool
    stop_predicting: bool
    history: History | None
    fit_run: Fit | None  # what runs now
    _objective: Objective
    _programs: Programs
    _flatten_layers: Any
    weights: Any

    def _start_training_state(self) -> None:
        self.run_eagerly = False
        self.steps_per_execution = 1
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
        self.history = None
        self.fit_run = None
        self.compiled = False
        self._objective = Objective(None, None, None, None)
        self._programs = Programs()
        self._own_logs = {mode: Logs() for mode in ("train", "test")}
        self._own_targets = self._own_outputs = None
        self._columns = []
        self._compile_arguments: dict[str, Any] = {}

    # --- compile

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Says how the model learns.

        Args:
            optimizer: by name, or an object; None for a model that is only measured.
                Default "rmsprop".
            loss: by name, an object or a function (y_true, y_pred); for several
                outputs a list, a dict by name, or a structure like theirs.
            loss_weights: a number per loss.
            metrics: a list of names, objects or functions, or a structure.
            weighted_metrics: metrics that see the sample weights.
            run_eagerly: run on the slow reference backend, for debugging.
            steps_per_execution: how many steps lie between two calls of callbacks of
                batches; it changes no result. Default 1.
            jit_compile, auto_scale_loss: hints of Keras whose purpose is met anyway;
                they change no result.

        Raises:
            UnknownNameError: if there is no optimizer, loss or metric of a name.
        """
        self._refuse_overrides()
        self.optimizer = optimizers.get(optimizer)
        self._objective = Objective(loss, loss_weights, metrics, weighted_metrics)
        self._objective.check_names()
        self.loss = loss
        self.run_eagerly = bool(run_eagerly)
        self.steps_per_execution = whole_number(
            "steps_per_execution", steps_per_execution, 1
        )
        self.compiled = True
        self.stop_training = False
        self._programs.backend(self)  # loads the engine now, not in the first epoch
        self._programs.clear("train", "test", "predict")
        self._compile_arguments = {
            "optimizer": optimizer,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }

    def _require_compiled(self, what: str, optimizer: bool = False) -> None:
        if not self.compiled:
            raise StateError(
                f"The model must be compiled before {what}.",
                where=f"model {self.name!r}",
                expected="model.compile(optimizer=..., loss=...)",
                received="a model that is not compiled",
                remedy="call model.compile(optimizer='adam', loss='mse'), say, first",
            )
        if optimizer and self.optimizer is None:
            raise StateError(
                f"{what} needs an optimizer.",
                where=f"model {self.name!r}",
                expected="model.compile(optimizer='adam', ...)",
                received="a model that was compiled with optimizer=None",
                remedy="compile it with an optimizer",
            )

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile` was given, as plain data; None if a part is none.

        A lambda as the loss cannot be told to a file: then there is a warning, and the
        file's model has to be compiled again.
        """
        if not self.compiled:
            return None
        try:
            parts = {
                "optimizer": configs.serialize(self.optimizer),
                **self._objective.get_config(),
            }
        except ArgumentError as error:
            warnings.warn(
                f"What compile() was given is not saved with the model, so it must be "
                f"compiled again after loading. {error}",
                stacklevel=2,
            )
            return None
        hints = ("run_eagerly", "steps_per_execution", "jit_compile")
        return parts | {name: self._compile_arguments[name] for name in hints}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compiles with what `get_compile_config` gave; not with a class's own way."""
        if type(self).compile is not Trainer.compile:
            warn_of_own_compile()
            return
        given = {key: _restored(value) for key, value in config.items()}
        parts = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
        known = (*parts, "run_eagerly", "steps_per_execution", "jit_compile")
        self.compile(**{k: v for k, v in given.items() if k in known})
        if self.built and self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    # --- fit

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[Any, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> History:
        """Trains for a number of passes over the data.

        Args:
            x: an array (rows, columns), a frame, a dict of columns; for several
                inputs a list, or a dict by name. A frame's columns are matched by name
                ever after. Or batches: a generator, a `PyDataset`, an iterable such as
                a torch `DataLoader`; each is `(x,)`, `(x, y)` or `(x, y, weights)`. Or
                a table larger than memory, with its targets: `tabular.TableStream`.
            y: targets, one row for each of x; None where x is batches.
            batch_size: rows per step. Default 32, or what makes `steps_per_epoch` of
                the rows. Batches have their own.
            epochs: train up to this epoch. Default 1.
            verbose: 0 silent, 1 a progress bar, 2 a line per epoch. Default 1.
            callbacks: a list of callbacks.
            validation_split: the part of the rows, taken from the end, to measure on.
            validation_data: (x, y) or (x, y, weights) to measure on instead, or
                batches.
            shuffle: a new order in every epoch: of rows, of a `PyDataset`'s batches;
                other batches come as they come. Default True.
            class_weight: {class: weight in the loss}.
            sample_weight: a weight per row.
            initial_epoch: where to go on counting. Default 0.
            steps_per_epoch: batches of an epoch; the next epoch goes on where it ends.
                Default: one pass over the data.
            validation_steps: how many batches to measure on. Default: all.
            validation_batch_size: default batch_size.
            validation_freq: measure after every so many epochs, or in those listed.

        Returns:
            A `History`: `history.history["loss"]` has one value per epoch.

        Warns:
            where the data ends before the steps that were asked for.

        Raises:
            StateError: if the model is not compiled.
            DataError, ShapeError: if the data does not fit, naming column and rows.
            DivergedError: if the loss is no longer finite; the weights are kept.
            KeyboardInterrupt: on Ctrl-C; the weights are those of the last whole step.
        """
        self._require_compiled("fit", optimizer=True)
        initial_epoch = whole_number("initial_epoch", initial_epoch, 0)
        epochs = limited_epochs(whole_number("epochs", epochs, initial_epoch))
        shuffle = flag("shuffle", shuffle)
        steps = step_count("steps_per_epoch", steps_per_epoch)
        frequency = checked_frequency(validation_freq)
        # TerminateOnNaN says what a number that is none means: the end, and no error.
        with warned_of_bad_data(ends_on_nan(callbacks)):
            source, held = for_training(
                self,
                (x, y, sample_weight),
                class_weight,
                validation_split if validation_data is None else 0.0,
                batch_size,
                steps,
                shuffle,
            )
            validation = for_validation(
                self,
                validation_data if held is None else held,
                validation_batch_size or batch_size,
                step_count("validation_steps", validation_steps),
            )
        self._ensure_optimizer()
        source.compile()
        if isinstance(validation, ArraySource):
            validation.check()
        source.reset()
        verbosity = verbosity_of(verbose)
        calls = _callback_list(
            self, callbacks, verbosity, epochs=epochs, steps=source.steps
        )
        measure = None if validation is None else Validation(validation, frequency)
        seed = random.draw_seed()
        run = Fit(self, source, seed, calls, measure)
        try:
            run.run(initial_epoch, epochs)
        finally:
            self.fit_run = None
        assert calls.history is not None
        self.history = calls.history
        return calls.history

    def _ensure_optimizer(self) -> None:
        own = self._has_own("train")
        if own and (not self.trainable_variables or self.optimizer.built):
            return
        if own and not all(layer.built for layer in self._flatten_layers()):
            return  # the step builds the rest, and the optimizer after it
        if not self.trainable_variables:
            warnings.warn(
                f"The model {self.name!r} has no trainable weight: fit measures it and "
                "changes nothing. Add a layer with weights, or set trainable = True.",
                stacklevel=3,
            )
            return
        self.optimizer.build(self.trainable_variables)

    def _check_targets(self, data: Dataset, validation: Dataset | None) -> None:
        outputs = self._output_symbols(data)
        self._objective.check(data.y, outputs)
        if validation is not None:
            self._objective.check(validation.y, outputs)

    # --- evaluate and predict

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss and the metrics on given data, without training.

        Args:
            x, y, sample_weight: as `fit` takes them.
            batch_size: rows per step. Default 32, or what makes `steps` of the rows.
            verbose: 0 silent, 1 a progress bar, 2 a line. Default 1.
            steps: how many batches. Default: all.
            callbacks: a list of callbacks.
            return_dict: by name, instead of a list. Default False.

        Returns:
            The loss; with metrics a list, the loss first, or a dict.
        """
        self._require_compiled("evaluate")
        steps = step_count("steps", steps)
        source = for_evaluation(self, (x, y, sample_weight), batch_size, steps)
        calls = _callback_list(
            self,
            callbacks,
            verbosity_of(verbose),
            epochs=1,
            steps=source.steps,
            history=False,
        )
        logs = evaluate_pass(self, source, calls)
        if return_dict:
            return logs
        if not self._has_own("test"):
            logs = {name: logs[name] for name in self.metrics_names}
        return self._in_order(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for given rows.

        Args:
            x: as `fit` takes it; a frame's columns are matched by name. Of batches
                the targets are left aside.
            batch_size: rows per step. It matters only to callbacks, and to a model
                that computes across the rows of a batch: then the default is 32.
            verbose: 0 silent, 1 a progress bar on long work. Default 1.
            steps: how many batches. Default: all.
            callbacks: a list of callbacks.

        Returns:
            A float32 array (rows, units); for several outputs a list of arrays, or
            whatever structure the model's outputs have. Text, as a lookup with
            `invert=True` gives it, is an array of `str`.
        """
        sized = type(batch_size) is int and batch_size > 0 and verbose == 0
        plain = steps is callbacks is None and (batch_size is None or sized)
        if plain and isinstance(verbose, (int, str)) and verbose in _VERBOSITIES:
            found = self._predicted_quickly(x, batch_size)
            if found is not None:
                return found
        text = self._text_outputs(x)
        if text is not None:
            predicted = text.front.predict(x, batch_size, verbose, steps, callbacks)
            return text.finish(predicted)
        steps = step_count("steps", steps)
        verbosity = verbosity_of(verbose)
        if is_stream(x):
            steps = limited_steps(steps)
            stream = StreamSource(self, "predict", open_stream(x), steps)
            if stream.look():
                stream.reset()
            return self._predicted(stream, callbacks, verbosity)
        data = self._prepare(x, None, None, None)
        size = rows_per_step(batch_size, data.rows, steps)
        steps = limited_steps(steps, -(-data.rows // size))
        if steps is not None:
            batch_size, data = size, first_rows(data, size, steps, "steps")
        watched_ = callbacks is not None or verbosity != 0
        own = self._has_own("predict")
        if own and self.run_eagerly:
            return predict_eagerly(self, data, batch_size or 32)
        program, size = self._programs.predictor(self, data, batch_size, watched_)
        pack = self._pack_own if own else self._pack_outputs
        arrays, rows = data.arrays, data.rows
        executable = program.executable(size)
        if callbacks is None and (verbosity == 0 or rows <= size):
            outputs = outputs_for(executable, rows)
            # Where a layer draws in prediction too, each prediction is another.
            seed = random.draw_seed() if draws(executable) else 0
            executable.run(arrays, None, 0, rows, size, seed, outputs=outputs)
            packed = pack(outputs)
            if Quick.serves(executable, x, arrays):
                most = min(size, program.rows_at_once)
                missing = [info.missing for info in self._input_infos(False, x)]
                plain = packed is outputs[0]
                independent = program.rows_are_independent
                self._programs.quick = Quick(
                    executable, most, arrays, missing, pack, plain, independent, self
                )
            return packed
        block = Block(executable, arrays, None, 0, rows, size)
        return self._predicted(BlockSource(block), callbacks, verbosity)

    def _predicted(self, source: Source, callbacks: Any, verbosity: int) -> Any:
        """The outputs for all of a source."""
        pack = self._pack_own if self._has_own("predict") else self._pack_outputs
        calls = _callback_list(
            self, callbacks, verbosity, epochs=1, steps=source.steps, history=False
        )
        found: list[tuple[Block, list[np.ndarray]]] = []
        end = 0  # of the last block's rows that were run
        seeds: list[int] = []  # drawn once, where a layer draws in prediction too

        def run(block: Block, span: range) -> dict[str, Any]:
            nonlocal end
            if not found or found[-1][0] is not block:
                found.append((block, outputs_for(block.executable, block.rows)))
            outputs = found[-1][1]
            if not seeds:
                seeds.append(random.draw_seed() if draws(block.executable) else 0)
            number = sum(b.steps for b, _ in found[:-1]) + span.start
            block.run(span, seeds[0], number, outputs=outputs)
            part = block.part(span)
            end = part.stop
            return {"outputs": pack([o[part] for o in outputs])}

        calls.on_predict_begin()
        watched(self, calls, "predict", source, run)
        calls.on_predict_end()
        parts = [outputs for _, outputs in found]
        if parts and end < found[-1][0].rows:  # a callback stopped it
            parts[-1] = [array[:end] for array in parts[-1]]
        if len(parts) == 1:
            return pack(parts[0])
        return pack([np.concatenate(p) for p in zip(*parts, strict=True)])

    def _pack_own(self, arrays: list[np.ndarray]) -> Any:
        """The outputs in the form that the model's own predict_step gave."""
        return pack_sequence_as(self._own_outputs, arrays)

    @property
    def metrics_names(self) -> list[str]:
        """The names of the loss and the metrics, in the order of `evaluate`."""
        objective, outputs = self._objective, self.__dict__.get("_outputs_spec")
        if self.compiled and not objective.built and outputs is not None:
            # Names do not depend on the targets, which are not known before a step.
            objective = Objective(
                None, None, objective.metrics, objective.weighted_metrics
            )
            tensors, form = flatten(outputs), numbered(outputs)
            objective.build(self._output_names(), tensors, tensors, form=form)
        return list(objective.results())

    # --- data

    def _prepare(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        class_weight: Any,
        what: str = "",
        fitting: bool = False,
    ) -> Dataset:
        x = self._table_for(x)
        inputs = self._input_infos(fitting, x)
        if not self.built:  # y is matched to the outputs, so they must be known
            self._build_for(prepare(inputs, [], x, what=what))
        names = self._output_names()
        outputs = self._own_names(y, names)
        if outputs is names and len(names) > 1:
            form, loss = self._output_form(), self._objective.loss
            y = y if y is None else with_targets(y, form, names, loss)
            if is_nested(sample_weight):
                sample_weight = with_targets(sample_weight, form, names, loss)
        data = prepare(inputs, outputs, x, y, sample_weight, class_weight, what)
        data.x = self._before_program(data.x)
        if fitting:
            self._remember_columns(data.columns)
        return data

    def _output_form(self) -> Any:
        """The outputs' numbers, in the form of the outputs."""
        spec = self.__dict__.get("_outputs_spec")
        return 0 if spec is None else numbered(spec)

    # What a model provides.

    def _table_for(self, x: Any) -> Any:
        """Data as `_input_infos` describes it."""
        return x

    def _text_outputs(self, x: Any) -> Any:
        """How the model is cut before text that it gives; None if it gives none."""
        return None

    def _before_program(self, arrays: list[Any]) -> list[Any]:
        """The program's inputs, from the model's."""
        return arrays

    def _input_infos(self, fitting: bool, x: Any) -> list[InputInfo]:
        raise NotImplementedError

    def _output_names(self) -> list[str]:
        raise NotImplementedError

    def _output_symbols(self, data: Dataset) -> list[Any]:
        raise NotImplementedError

    def _pack_inputs(self, x: list[Any]) -> Any:
        raise NotImplementedError

    def _pack_outputs(self, arrays: list[np.ndarray]) -> Any:
        raise NotImplementedError

    def _build_for(self, data: Dataset) -> None:
        raise NotImplementedError


def _restored(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_restored(v) for v in value]
    if isinstance(value, dict) and "class_name" not in value:
        return {k: _restored(v) for k, v in value.items()}
    return configs.deserialize(value) if isinstance(value, dict) else value


def _callback_list(
    model: Any,
    callbacks: Any,
    verbose: int,
    epochs: int,
    steps: int | None,
    history: bool = True,
) -> CallbackList:
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(
        callbacks,
        add_history=history,
        add_progbar=verbose != 0,
        model=model,
        verbose=verbose,
        epochs=epochs,
        steps=steps,
    )
