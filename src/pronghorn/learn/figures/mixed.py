"""A mixed table: a raw row on its way, when to stop, and which columns count."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn import callbacks, layers, models, optimizers
from pronghorn.errors import ArgumentError
from pronghorn.learn import scene
from pronghorn.learn.figure import (
    Control,
    Event,
    Figure,
    Values,
    choice,
    slider,
    switch,
)
from pronghorn.utils import set_random_seed

__all__ = ["MISSING", "importance", "row", "stopping"]

MISSING = "(missing)"  # how a control says that a cell is empty

_EPOCHS = 60  # of the training that early stopping ends
_BATCH = 64
_SHUFFLES = 8  # of each column, for its interval
_HIDDEN = 10  # units that the drawing has room for

_STYLE = """<style>
.stages{font:13px system-ui,sans-serif;max-width:100%;height:auto}
.stages text{fill:currentColor}
.stages .quiet{fill-opacity:.72}
.stages .box{fill:currentColor;fill-opacity:.07;stroke:currentColor;stroke-opacity:.4}
.stages .cell{fill:var(--model,#c2185b);stroke:currentColor;stroke-opacity:.4}
.stages .edge{fill:none;stroke:currentColor;stroke-opacity:.3}
.stages .filled{fill:var(--valid,#cc5500)}
</style>"""


def row(
    model: Any,
    *,
    stages: Mapping[str, str],
    numbers: Mapping[str, tuple[float, float, float]],
    categories: Mapping[str, Sequence[str]],
    fill: Mapping[str, float],
    hidden: str,
    outcome: str,
) -> Figure:
    """A raw row, edited by hand, on its way through a trained model to a probability.

    Args:
        model: takes a dict of columns and gives one probability.
        stages: the name of the layer that prepares each column.
        numbers: the least, the greatest and the first value of each number.
        categories: words to choose from; `MISSING` among them is an empty cell.
        fill: what an empty cell of these numbers is replaced by; each has a switch.
        hidden: the name of the hidden layer to show.
        outcome: the words for what the probability is of.

    Raises:
        ArgumentError: if a number is to be filled that there is not.
    """
    if unknown := [name for name in fill if name not in numbers]:
        raise ArgumentError(
            "row: numbers to fill", expected=", ".join(numbers), received=unknown[0]
        )
    looks = [*stages.values(), hidden]
    within = models.Model(
        model.inputs, [*(model.get_layer(name).output for name in looks), model.output]
    )
    controls: list[Control] = [
        choice(name, name, words) for name, words in categories.items()
    ]
    for name, (low, high, value) in numbers.items():
        controls.append(slider(name, name, low, high, value, step=1))
        if name in fill:
            controls.append(switch(f"no {name}", f"{name} is missing"))

    def draw(values: Values, event: Event) -> scene.Scene:
        raw: dict[str, Any] = {name: values[name] for name in stages}
        for name in fill:
            if values[f"no {name}"]:
                raw[name] = MISSING
        ready: dict[str, Any] = {}
        for name in stages:
            if name in numbers:
                number = fill[name] if raw[name] == MISSING else raw[name]
                ready[name] = np.array([number], dtype=np.float32)
            else:
                word = "missing" if raw[name] == MISSING else raw[name]
                ready[name] = np.array([word], dtype=object)
        *found, said = (np.asarray(part)[0] for part in within(ready))
        probability = float(said[-1])
        drawn = _stages(raw, ready, dict(zip(stages, found)), numbers, found[-1])
        return scene.scene(
            scene.drawing(
                _picture(drawn, len(stages), probability, outcome),
                title="Raw cell, layer, the numbers that go into the net",
            ),
            scene.plot(
                [
                    scene.bars(["no", "yes"], [1 - probability, probability]),
                    scene.rule(y=0.5, name="undecided"),
                ],
                x=outcome,
                y="probability",
                y_range=(0, 1),
            ),
            say=f"{outcome}: {probability:.1%} for "
            + ", ".join(f"{name} {_shown(value)}" for name, value in raw.items()),
        )

    return Figure(controls, draw, title="A raw row on its way through the saved model")


def stopping(x: Any, y: Any, x_valid: Any, y_valid: Any, *, seed: int = 1) -> Figure:
    """Learning curves, and where early stopping ends the training.

    The faint lines are the same training without it: the same seed gives the same
    numbers, so both run together until one stops.

    Args:
        x: (n, columns) numbers that are prepared.
        y: (n,) zeros and ones.
        x_valid: the same, of the validation rows.
        y_valid: the same.
        seed: of the first weights and of the order of rows.
    """
    rows = [np.asarray(part, dtype=np.float32) for part in (x, y, x_valid, y_valid)]
    whole: dict[int, dict[str, list[float]]] = {}

    def draw(values: Values, event: Event) -> scene.Scene:
        units = int(values.units)
        if units not in whole:
            whole[units] = _fit(rows, units, seed, [])
        stop = callbacks.EarlyStopping(
            patience=values.patience, restore_best_weights=True
        )
        history = _fit(rows, units, seed, [stop])
        all_epochs, seen = whole[units], len(history["loss"])
        best = int(np.argmin(history["val_loss"]))
        later = int(np.argmin(all_epochs["val_loss"]))
        marks = [
            scene.line(
                np.arange(1, _EPOCHS + 1), all_epochs[key], role="muted", dashed=True
            )
            for key in ("loss", "val_loss")
        ]
        across = np.arange(1, seen + 1)
        marks += [
            scene.line(across, history["loss"], name="training rows", role="train"),
            scene.line(
                across, history["val_loss"], name="validation rows", role="valid"
            ),
            scene.rule(x=best + 1, name="weights kept", role="accent"),
            scene.rule(x=seen, name="stopped"),
        ]
        tops = all_epochs["loss"] + all_epochs["val_loss"]
        end = "ran to the end" if seen == _EPOCHS else f"stopped after epoch {seen}"
        return scene.scene(
            scene.plot(
                marks,
                x="epoch",
                y="loss (cross-entropy)",
                x_range=(0, _EPOCHS),
                y_range=(0.9 * min(tops), 1.02 * max(tops)),
            ),
            say=f"With a patience of {values.patience} it {end} and keeps epoch "
            f"{best + 1}: {history['val_loss'][best]:.4f} on the validation rows. The "
            f"best of all {_EPOCHS} epochs is {all_epochs['val_loss'][later]:.4f}, in "
            f"epoch {later + 1}.",
        )

    return Figure(
        [
            slider("patience", "patience (epochs)", 1, 30, 5, step=1),
            choice("units", "hidden units", ["8", "32", "128"], "32"),
        ],
        draw,
        title="When to stop: too little patience, and too much",
    )


def importance(
    x: Any,
    y: Any,
    x_valid: Any,
    y_valid: Any,
    *,
    columns: Mapping[str, Sequence[int]],
    leak: str = "lifeboat",
) -> Figure:
    """How much worse a net predicts with one column shuffled, for a chosen seed.

    The figure can add a column that gives the answer away: the target, with 3 of 100
    rows wrong.

    Args:
        x: (n, numbers) of the training rows, prepared.
        y: (n,) zeros and ones.
        x_valid: the same, of the validation rows.
        y_valid: the same.
        columns: the places in `x` of each column of the table.
        leak: the name of the column that gives the answer away.
    """
    plain = [np.asarray(part, dtype=np.float32) for part in (x, y, x_valid, y_valid)]
    wide, names = list(plain), list(columns)
    rng = np.random.default_rng(0)
    for rows, target in ((0, 1), (2, 3)):
        given = np.where(rng.random(len(plain[target])) < 0.03, 0.5, plain[target])
        wide[rows] = np.column_stack([plain[rows], 2 * given - 1]).astype(np.float32)

    def draw(values: Values, event: Event) -> scene.Scene:
        rows = wide if values.leak else plain
        places = dict(columns)
        if values.leak:
            places[leak] = [plain[0].shape[1]]
        set_random_seed(values.seed)
        model = _net(rows[0].shape[1], 16)
        model.fit(rows[0], rows[1], batch_size=_BATCH, epochs=12, verbose=0)
        lost, base = _lost(model, rows[2], rows[3], places, values.seed)
        order = sorted(places, key=lambda name: -float(lost[name].mean()))
        middle = [float(lost[name].mean()) for name in order]
        most = f"{order[0]} counts most: {middle[0]:.0f} points"
        return scene.scene(
            scene.plot(
                [
                    scene.bars(
                        order,
                        middle,
                        low=[float(lost[name].min()) for name in order],
                        high=[float(lost[name].max()) for name in order],
                    )
                ],
                x="column that is shuffled",
                y="accuracy lost (points)",
                y_range=(-6, 55 if values.leak else 32),
            ),
            say=f"Right for {base:.1%} of the validation rows. {most}."
            + (f" {leak} gives the answer away." if values.leak else ""),
        )

    return Figure(
        [
            slider("seed", "seed", 0, 20, 1, step=1),
            switch("leak", f"add {leak!r}, a column that gives the answer away"),
        ],
        draw,
        title=f"Which of {len(names)} columns count? Each is shuffled in turn",
    )


def _net(inputs: int, units: int) -> Any:
    """One hidden layer and a probability, compiled."""
    model = models.Sequential(
        [
            layers.Input((inputs,)),
            layers.Dense(units, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=optimizers.Adam(0.01), loss="binary_crossentropy")
    return model


def _fit(
    rows: Sequence[np.ndarray], units: int, seed: int, extra: list[Any]
) -> dict[str, list[float]]:
    """Losses by epoch of a net that begins with this seed."""
    set_random_seed(seed)
    model = _net(rows[0].shape[1], units)
    history = model.fit(
        rows[0],
        rows[1],
        validation_data=(rows[2], rows[3]),
        batch_size=_BATCH,
        epochs=_EPOCHS,
        verbose=0,
        callbacks=extra,
    )
    return dict(history.history)


def _lost(
    model: Any,
    x: np.ndarray,
    y: np.ndarray,
    columns: Mapping[str, Sequence[int]],
    seed: int,
) -> tuple[dict[str, np.ndarray], float]:
    """Points of accuracy lost with each column shuffled, and the accuracy without.

    Permutation importance: Breiman, Random Forests, 2001, section 10.
    """
    rng = np.random.default_rng(seed)
    blocks = [x]
    for places in columns.values():
        for _ in range(_SHUFFLES):
            block = x.copy()
            block[:, list(places)] = x[rng.permutation(len(x))][:, list(places)]
            blocks.append(block)
    said = model.predict(np.concatenate(blocks), batch_size=4096, verbose=0)
    right = (said.reshape(len(blocks), len(x)) > 0.5) == (y > 0.5)
    rate = right.mean(1)
    points = 100 * (rate[0] - rate[1:].reshape(len(columns), _SHUFFLES))
    return dict(zip(columns, points)), float(rate[0])


def _stages(
    raw: Mapping[str, Any],
    ready: Mapping[str, Any],
    found: Mapping[str, np.ndarray],
    numbers: Mapping[str, Any],
    hidden: np.ndarray,
) -> str:
    """The columns one below the other, and the first hidden units beside them."""
    parts = []
    high = 40.0 * len(raw)
    for place, (name, value) in enumerate(raw.items()):
        y = 40 * place + 20
        kind = "scale" if name in numbers else "look up"
        filled = f" → {_shown(ready[name][0])}" if value == MISSING else ""
        parts.append(
            f'<text x="0" y="{y - 3}" class="quiet">{html.escape(name)}</text>'
            f'<text x="0" y="{y + 13}"{_filled(filled)}>'
            f"{html.escape(_shown(value) + filled)}</text>"
            f'<path d="M98 {y}h8M164 {y}h8" class="edge"/>'
            f'<rect x="106" y="{y - 12}" width="58" height="24" rx="5" class="box"/>'
            f'<text x="135" y="{y + 4}" text-anchor="middle">{kind}</text>'
        )
        parts += _cells(found[name], y, name in numbers)
    most = max(float(np.abs(hidden).max()), 1e-9)
    for place, value in enumerate(hidden[:_HIDDEN]):
        at = high * (place + 0.5) / min(len(hidden), _HIDDEN)
        parts.append(
            f'<path d="M272 {high / 2:.0f}L296 {at:.0f}M312 {at:.0f}L340 '
            f'{high / 2:.0f}" class="edge"/>'
            f'<circle cx="304" cy="{at:.0f}" r="8" class="cell" '
            f'fill-opacity="{max(float(value), 0) / most:.2f}">'
            f"<title>{float(value):.3g}</title></circle>"
        )
    return "".join(parts)


def _cells(values: np.ndarray, y: int, number: bool) -> list[str]:
    """What a column became: one number, or a place for each category."""
    if number:
        return [f'<text x="178" y="{y + 4}">{float(values[0]):.2f}</text>']
    return [
        f'<rect x="{178 + 17 * place}" y="{y - 7}" width="14" height="14" '
        f'class="cell" fill-opacity="{float(value):.2f}"/>'
        for place, value in enumerate(values)
    ]


def _picture(drawn: str, columns: int, probability: float, outcome: str) -> str:
    high = 40 * columns
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="stages" width="394" '
        f'height="{high}" viewBox="-2 0 394 {high}" role="img" '
        f'aria-label="{html.escape(outcome)}: {probability:.0%}">{_STYLE}{drawn}'
        f'<path d="M270 6v{high - 12}" class="edge"/>'
        f'<circle cx="364" cy="{high / 2}" r="24" class="cell" '
        f'fill-opacity="{probability / 2:.2f}"/>'
        f'<text x="364" y="{high / 2 + 5}" text-anchor="middle">{probability:.0%}'
        "</text></svg>"
    )


def _filled(words: str) -> str:
    return ' class="filled"' if words else ""


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{float(value):g}"
