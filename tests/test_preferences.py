"""`keras.config`, dtype policies and the sub-modules where scripts look for things."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import backend, config, dtype_policies, layers, mixed_precision, utils
from pronghorn.errors import ArgumentError, TraceError, UnsupportedError

X = np.arange(12, dtype="float32").reshape(4, 3)


@pytest.mark.parametrize(
    ("setter", "held", "other", "wrong"),
    [
        (config.set_epsilon, 1e-7, 1e-3, "small"),
        (config.set_image_data_format, "channels_last", "channels_first", None),
        (config.set_backend, config.backend(), "jax", 3),
    ],
)
def test_what_cannot_be_changed_raises(
    setter: Any, held: Any, other: Any, wrong: Any
) -> None:
    setter(held)
    with pytest.raises(UnsupportedError, match="in force") as caught:
        setter(other)
    assert caught.value.remedy
    with pytest.raises(ArgumentError):
        setter(wrong)


def small() -> Any:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    model.compile("sgd", "mse")
    return model


class Count(keras.callbacks.Callback):
    """Counts batches."""

    batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1


def test_epochs_and_steps_can_be_limited() -> None:
    x, y = np.ones((40, 3), "float32"), np.arange(40, dtype="float32") / 40
    model, count = small(), Count()
    try:
        config.set_max_epochs(2)
        config.set_max_steps_per_epoch(3)
        assert (config.max_epochs(), config.max_steps_per_epoch()) == (2, 3)
        with pytest.warns(UserWarning, match="Limiting") as told:
            history = model.fit(
                x, y, batch_size=4, epochs=5, callbacks=[count], verbose=0
            )
        assert len(told) == 2
        assert len(history.epoch) == 2 and count.batches == 6
        with pytest.warns(UserWarning, match="Limiting steps"):
            model.evaluate(x, y, batch_size=4, callbacks=[count], verbose=0)
        with pytest.warns(UserWarning, match="Limiting steps"):
            found = model.predict(x, batch_size=4, callbacks=[count], verbose=0)
        assert count.batches == 12 and len(found) == 12
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.fit(x, y, batch_size=20, epochs=2, verbose=0)  # both are below
            model.predict(x, verbose=0)
        batches = ((x[:4], y[:4]) for _ in range(10))
        with pytest.warns(UserWarning, match="Limiting steps"):
            model.fit(batches, callbacks=[count], verbose=0)
        assert count.batches == 15
    finally:
        config.set_max_epochs(None)
        config.set_max_steps_per_epoch(None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(model.fit(x, y, epochs=3, verbose=0).epoch) == 3


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "all"])
def test_limits_are_whole_numbers(value: Any) -> None:
    for setter in (config.set_max_epochs, config.set_max_steps_per_epoch):
        with pytest.raises(ArgumentError, match="None"):
            setter(value)


def test_without_interactive_logging_messages_go_to_a_logger_that_shows_them(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1, verbose=1)
    x = X / 12
    try:
        config.disable_interactive_logging()
        with caplog.at_level("INFO", logger="pronghorn"):
            small().fit(x, x[:, 0], callbacks=[schedule])
        assert "learning rate to 0.1" in caplog.text
        assert not capsys.readouterr().out
        caplog.clear()
        with caplog.at_level("WARNING", logger="pronghorn"):
            small().fit(x, x[:, 0], callbacks=[schedule])
        assert not caplog.text
        assert "learning rate to 0.1" in capsys.readouterr().out
    finally:
        config.enable_interactive_logging()


def test_without_interactive_logging_there_is_a_line_an_epoch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    model.compile("sgd", "mse")
    assert config.is_interactive_logging_enabled()
    utils.disable_interactive_logging()
    try:
        assert not utils.is_interactive_logging_enabled()
        model.fit(X / 12, X[:, 0], epochs=2)
        quiet = capsys.readouterr().out
        model.fit(X / 12, X[:, 0], epochs=2, verbose=2)
        assert len(quiet.splitlines()) == len(capsys.readouterr().out.splitlines())
    finally:
        utils.enable_interactive_logging()
    assert utils.is_interactive_logging_enabled()


def test_traceback_filtering_is_only_remembered() -> None:
    config.disable_traceback_filtering()
    assert not config.is_traceback_filtering_enabled()
    config.enable_traceback_filtering()
    assert config.is_traceback_filtering_enabled()


@pytest.fixture
def afresh() -> Iterator[None]:
    """Float32 before and after."""
    yield
    utils.clear_session()
    config.set_floatx("float32")


@pytest.mark.parametrize("name", ["mixed_float16", "bfloat16"])
def test_policies_of_16_bits_warn_and_are_in_force(afresh: None, name: str) -> None:
    with pytest.warns(UserWarning, match="float32"):
        mixed_precision.set_global_policy(name)
    assert mixed_precision.global_policy().name == name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dense = layers.Dense(1)
        assert dense.dtype_policy.name == dtype_policies.DTypePolicy().name == name
        assert dense(X).dtype == dense.kernel.dtype == "float32"
        mixed_precision.set_global_policy("float32")
    assert layers.Dense(1).dtype_policy.name == "float32"


def test_a_cleared_session_has_the_policy_of_floatx(afresh: None) -> None:
    config.set_dtype_policy("float64")
    assert layers.Dense(1)(X).dtype == "float64"
    utils.clear_session()
    assert config.dtype_policy().name == "float32"
    config.set_floatx("float64")
    assert config.floatx() == backend.floatx() == config.dtype_policy().name
    assert layers.Dense(1).dtype == keras.losses.Hinge().dtype == "float64"
    assert keras.metrics.Mean().dtype == "float64"
    assert backend.cast_to_floatx(X).dtype == "float64"


def test_floats_of_16_bits_warn(afresh: None) -> None:
    with pytest.warns(UserWarning, match="float32"):
        config.set_floatx("float16")
    assert config.floatx() == "float16"
    for wrong in ("int32", 32, None):
        with pytest.raises(ArgumentError, match="dtype"):
            config.set_floatx(wrong)
    assert config.floatx() == "float16"


def test_other_policies_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="float32"):
        config.set_dtype_policy("int32")
    for wrong in (3, {"class_name": "Policy"}, {"class_name": "DTypePolicy"}):
        with pytest.raises(ArgumentError):
            dtype_policies.get(wrong)


@pytest.mark.parametrize("cls", ["DTypePolicy", "FloatDTypePolicy"])
def test_a_policy_needs_the_name_of_a_dtype(cls: str) -> None:
    make = getattr(keras, cls)
    assert make("float32") == dtype_policies.DTypePolicy()
    assert repr(make("uint8")) == '<DTypePolicy "uint8">'
    for wrong in ("", "mixed_float32", "float23", "mixed_float16 "):
        with pytest.raises(ArgumentError, match="No dtype"):
            make(wrong)
    with pytest.raises(TypeError, match="text"):
        make(16)


def test_the_other_name_of_a_policy_is_kept_in_files() -> None:
    policy = dtype_policies.FloatDTypePolicy("bfloat16")
    plain = dtype_policies.serialize(policy)
    assert plain["class_name"] == "FloatDTypePolicy"
    again = dtype_policies.deserialize(plain)
    assert type(again) is type(policy) and again == policy


@pytest.mark.parametrize("wrong", [None, 32, {"class_name": "DTypePolicy"}])
def test_what_is_no_policy_cannot_be_in_force(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="by its name"):
        config.set_dtype_policy(wrong)


def test_policies_are_made_by_name_config_and_dtype() -> None:
    policy = mixed_precision.Policy("mixed_float16")
    assert dtype_policies.get(policy) is policy
    assert dtype_policies.get(dtype_policies.serialize(policy)) == policy
    assert dtype_policies.get(np.dtype("int32")).name == "int32"
    assert keras.DTypePolicy is dtype_policies.DTypePolicy is mixed_precision.Policy
    assert policy.quantization_mode is None and len({policy, policy}) == 1


# What Keras's modules offer, of what is in our field.
OFFERED = {
    "models": "Model Sequential clone_model load_model model_from_json save_model",
    "saving": """CustomObjectScope custom_object_scope deserialize_keras_object
        get_custom_objects get_registered_name get_registered_object load_model
        load_weights register_keras_serializable save_model save_weights
        serialize_keras_object""",
    "utils": """CustomObjectScope Progbar clear_session custom_object_scope
        deserialize_keras_object disable_interactive_logging enable_interactive_logging
        get_custom_objects get_registered_name get_registered_object
        is_interactive_logging_enabled normalize plot_model
        register_keras_serializable serialize_keras_object set_random_seed
        to_categorical""",
    "config": """backend disable_interactive_logging disable_traceback_filtering
        dtype_policy enable_interactive_logging enable_traceback_filtering epsilon
        floatx image_data_format is_interactive_logging_enabled
        is_traceback_filtering_enabled set_backend set_dtype_policy set_epsilon
        set_floatx set_image_data_format""",
    "backend": """backend clear_session epsilon floatx get_uid image_data_format
        is_float_dtype is_int_dtype is_keras_tensor set_epsilon set_floatx
        set_image_data_format standardize_dtype""",
    "mixed_precision": """DTypePolicy LossScaleOptimizer Policy dtype_policy
        global_policy set_dtype_policy set_global_policy""",
    "dtype_policies": "DTypePolicy DTypePolicyMap deserialize get serialize",
    "tree": "flatten map_structure pack_sequence_as",
    "utils.np_utils": "normalize to_categorical",
}


@pytest.mark.parametrize("name", OFFERED)
def test_names_are_where_scripts_look_for_them(name: str) -> None:
    module = importlib.import_module(f"pronghorn.{name}")
    assert set(OFFERED[name].split()) <= set(module.__all__)
    if "." not in name:
        assert getattr(keras, name) is module


def test_the_version_is_told_in_two_ways() -> None:
    assert keras.version() == keras.__version__


# --- keras.backend: its values are compared with Keras's in tests/conformance


def test_what_backend_functions_refuse() -> None:
    with pytest.raises(ArgumentError, match="Only a variable"):
        backend.set_value(np.ones(2), 3.0)
    with pytest.raises(ArgumentError, match="no such dtype"):
        backend.standardize_dtype("float33")
    with pytest.raises(TraceError):
        backend.get_value(keras.Input((3,)))


def test_a_learning_rate_is_set_and_read_as_in_keras_2() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    model.compile("sgd", "mse")
    backend.set_value(model.optimizer.learning_rate, 0.25)
    assert backend.get_value(model.optimizer.learning_rate) == 0.25


def test_numbers_of_names_count_up() -> None:
    assert [backend.get_uid("thing_of_a_test") for _ in range(3)] == [1, 2, 3]


def test_constraints_and_dtypes_of_variables() -> None:
    made = backend.variable([1, 2], dtype="int32", name="v", constraint=abs)
    assert (made.dtype, made.name, made.constraint) == ("int32", "v", abs)
    assert backend.dtype(backend.constant([1, 2])) == "float32"


def test_random_numbers() -> None:
    normal = backend.random_normal((2000,), 1.0, 2.0, seed=1)
    uniform = backend.random_uniform((2000,), -1.0, 0.0, seed=1)
    assert abs(normal.mean() - 1.0) < 0.2 and abs(normal.std() - 2.0) < 0.2
    assert uniform.min() >= -1.0 and uniform.max() <= 0.0


def test_a_loss_in_old_names_trains() -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return backend.mean(backend.square(y_true - y_pred), axis=-1)

    models = []
    for chosen in (loss, "mse"):
        utils.set_random_seed(3)
        model = keras.Sequential([layers.Dense(1, input_shape=[3])])
        model.compile("sgd", chosen)
        model.fit(X / 12, X[:, :1], verbose=0)
        models.append(model)
    one, other = (m.get_weights()[0] for m in models)
    np.testing.assert_allclose(one, other, rtol=1e-6)
