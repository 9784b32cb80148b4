"""What Pronghorn does, in ten seconds: `make demo`.

A linear unit computed by hand, then two real tables that come with scikit-learn: a
measure of diabetes to be predicted, and tumours to be told apart.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import pronghorn as keras
from pronghorn import layers

WIDTH = 72


def title(text: str) -> None:
    print(f"\n━━ {text} " + "━" * (WIDTH - len(text) - 4))


def show(label: str, value: object, note: str = "") -> None:
    print(f"  {label:<26} {value!s:>12}  {note}".rstrip())


def linear_unit() -> None:
    title("A linear unit: y = w x + b")
    model = keras.Sequential([layers.Dense(units=1, input_shape=[1])])
    model.set_weights([[[2.5]], [90.0]])
    w, b = (float(values.ravel()[0]) for values in model.get_weights())
    x = 5.0
    y = float(model.predict(np.array([[x]]), verbose=0)[0, 0])
    show("input times weight", f"{w * x:g}", f"= {x:g} x {w:g}")
    show("plus the bias", f"{w * x + b:g}", f"= {w * x:g} + {b:g}")
    show("model.predict", f"{y:g}", f"engine: {keras.backend_of(model)}")
    assert y == w * x + b == 102.5


def split(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """A fifth of the rows is kept apart: nothing is learned from it."""
    order = np.random.permutation(len(x))
    held, kept = np.split(order, [len(x) // 5])
    return x[kept], y[kept], x[held], y[held]


def net(x: np.ndarray, activation: str | None) -> keras.Sequential:
    """Scales its own inputs, so that it takes rows as they are in the table."""
    scale = layers.Normalization()
    scale.adapt(x)
    return keras.Sequential(
        [
            keras.Input((x.shape[1],)),
            scale,
            layers.Dense(64, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(1, activation=activation),
        ]
    )


def train(model: keras.Sequential, x: np.ndarray, y: np.ndarray) -> None:
    stop = keras.callbacks.EarlyStopping(patience=25, restore_best_weights=True)
    start = time.perf_counter()
    history = model.fit(
        x, y, epochs=400, validation_split=0.2, callbacks=[stop], verbose=0
    )
    seconds = time.perf_counter() - start
    epochs = len(history.history["loss"])
    show("trained", f"{seconds:.2f} s", f"{epochs} epochs, stopped early")
    show("weights", f"{model.count_params():,}", f"engine: {keras.backend_of(model)}")


def diabetes() -> None:
    from sklearn.datasets import load_diabetes

    title("Regression: how far diabetes goes within a year")
    data = load_diabetes()
    x, y, x_test, y_test = split(data.data, data.target)
    show("rows to learn from", len(x), f"{len(x_test)} kept apart")
    mean, deviation = y.mean(), y.std()
    model = net(x, None)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse")
    train(model, x, (y - mean) / deviation)
    found = model.predict(x_test, verbose=0)[:, 0] * deviation + mean
    error = np.sqrt(np.mean((found - y_test) ** 2))
    baseline = np.sqrt(np.mean((mean - y_test) ** 2))
    less = f"{1 - error / baseline:.0%} less than that"
    show("error of the mean", f"{baseline:.1f}", "root mean square, rows kept apart")
    show("error of the net", f"{error:.1f}", less)
    for guess, truth in list(zip(found, y_test, strict=True))[:3]:
        show("predicted", f"{guess:.0f}", f"measured {truth:.0f}")
    assert error < baseline


def tumours() -> None:
    from sklearn.datasets import load_breast_cancer

    title("Classification: is a tumour benign?")
    data = load_breast_cancer()
    x, y, x_test, y_test = split(data.data, data.target)
    show("rows to learn from", len(x), f"{len(x_test)} kept apart")
    model = net(x, "sigmoid")
    model.compile(
        optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", "AUC"]
    )
    train(model, x, y)
    _, accuracy, area = model.evaluate(x_test, y_test, verbose=0)
    baseline = max(y_test.mean(), 1 - y_test.mean())
    show("right, always benign", f"{baseline:.1%}", "of the rows kept apart")
    show("right, the net", f"{accuracy:.1%}", f"area under the ROC curve {area:.3f}")
    found = model.predict(x_test[:3], verbose=0)[:, 0]
    for chance, truth in zip(found, y_test, strict=False):
        show("chance that it is benign", f"{chance:.3f}", data.target_names[truth])
    assert accuracy > baseline


def main() -> None:
    start = time.perf_counter()
    keras.utils.set_random_seed(0)
    print(f"Pronghorn {keras.__version__}, Python {sys.version.split()[0]}")
    linear_unit()
    diabetes()
    tumours()
    print(f"\nAll of it took {time.perf_counter() - start:.1f} s.")


if __name__ == "__main__":
    main()
