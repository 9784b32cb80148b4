"""Nets among other tools: folds, a grid of settings, averages of several, metrics."""

import itertools

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import mean_absolute_error, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tensorflow import keras
from tensorflow.keras import callbacks, layers

keras.utils.set_random_seed(40)
rng = np.random.default_rng(40)
n = 400
df = pd.DataFrame(
    {
        "lead_time": rng.integers(0, 300, n),
        "adults": rng.integers(1, 4, n).astype(float),
        "meal": pd.Categorical(rng.choice(["BB", "HB", "SC"], n)),
        "agent": rng.integers(1, 30, n),
        "canceled": rng.integers(0, 2, n),
    }
)
df.loc[rng.choice(n, 20, replace=False), "adults"] = np.nan
df["canceled"] = ((df["lead_time"] > 150) ^ (df["meal"] == "SC")).astype(int)
X, y = df.drop(columns="canceled"), df["canceled"]
transformer_num = make_pipeline(SimpleImputer(strategy="constant"), StandardScaler())
transformer_cat = make_pipeline(
    SimpleImputer(strategy="constant", fill_value="NA"),
    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
)
preprocessor = make_column_transformer(
    (transformer_num, ["lead_time", "adults"]), (transformer_cat, ["meal"])
)
splitter = GroupShuffleSplit(train_size=0.75, random_state=0)
train, valid = next(splitter.split(X, y, groups=df["agent"]))
X_train = preprocessor.fit_transform(X.iloc[train])
X_valid = preprocessor.transform(X.iloc[valid])
y_train, y_valid = y.iloc[train], y.iloc[valid]
input_shape = [X_train.shape[1]]


def build(units=16, rate=0.2, lr=0.01):
    model = keras.Sequential(
        [
            layers.BatchNormalization(input_shape=input_shape),
            layers.Dense(units, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(rate),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(lr),
        loss="binary_crossentropy",
        metrics=["binary_accuracy"],
    )
    return model


early_stopping = callbacks.EarlyStopping(
    patience=5, min_delta=0.001, restore_best_weights=True
)
history = build().fit(
    X_train,
    y_train,
    validation_data=(X_valid, y_valid),
    batch_size=64,
    epochs=15,
    callbacks=[early_stopping],
    verbose=0,
)
history_df = pd.DataFrame(history.history)
best = history_df["val_loss"].min(), history_df["val_binary_accuracy"].max()
assert f"Best Validation Accuracy: {best[1]:0.4f}".startswith("Best")
assert best[1] > 0.6

# A grid of settings, with a fresh session for each.
scores = {}
for units, rate in itertools.product((8, 32), (0.0, 0.3)):
    keras.backend.clear_session()
    model = build(units, rate)
    model.fit(X_train, y_train, epochs=5, verbose=0)
    scores[units, rate] = model.evaluate(X_valid, y_valid, verbose=0)[0]
    assert model.layers[1].units == units and model.layers[3].rate == rate
assert len(scores) == 4 and all(np.isfinite(list(scores.values())))

# Folds, out-of-fold predictions, and the mean of the folds' models.
table = preprocessor.fit_transform(X)
folds = StratifiedKFold(3, shuffle=True, random_state=1)
out_of_fold = np.zeros(n)
models = []
for fit_rows, held_rows in folds.split(table, y):
    model = build()
    model.fit(table[fit_rows], y.values[fit_rows], epochs=8, batch_size=32, verbose=0)
    out_of_fold[held_rows] = model.predict(table[held_rows], verbose=0).ravel()
    models.append(model)
assert roc_auc_score(y, out_of_fold) > 0.6
assert mean_absolute_error(y, out_of_fold) < 0.5
mean = np.mean([model.predict(table, verbose=0) for model in models], axis=0)
inputs = keras.Input(shape=tuple(input_shape))
whole = keras.Model(inputs, layers.average([model(inputs) for model in models]))
assert np.allclose(whole.predict(table, verbose=0), mean, atol=1e-5)
assert len(whole.layers) == 5

# A held-out part of the training rows, classes as text turned into numbers.
names = np.where(y == 1, "canceled", "kept")
classes, codes = np.unique(names, return_inverse=True)
a, b, ya, yb = train_test_split(
    table, codes, test_size=0.25, stratify=codes, random_state=0
)
softmax = keras.Sequential(
    [layers.Dense(8, "relu"), layers.Dense(len(classes), activation="softmax")]
)
softmax.compile(
    "adam", "categorical_crossentropy", metrics=["accuracy", keras.metrics.F1Score()]
)
softmax.fit(a, keras.utils.to_categorical(ya), epochs=8, verbose=0)
predicted = classes[softmax.predict(b, verbose=0).argmax(axis=1)]
accuracy = (predicted == classes[yb]).mean()
values = softmax.evaluate(b, keras.utils.to_categorical(yb), verbose=0)
assert np.isclose(values[1], accuracy) and np.asarray(values[2]).shape == (2,)
