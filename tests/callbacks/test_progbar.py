"""The bar: in a terminal, in a pipe, in a narrow window, in ASCII."""

from __future__ import annotations

import io
import re
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from pronghorn.callbacks import CallbackList, ProgbarLogger, console, progbar
from pronghorn.callbacks.console import write
from pronghorn.callbacks.progbar import Progbar
from pronghorn.errors import ArgumentError

from .helpers import FakeModel

STYLE = re.compile(r"\x1b\[\d+m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progbar.time, "perf_counter", clock)
    return clock


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    out = Terminal()
    # pytest changes sys.stdout after fixtures are set up: patch what the modules see.
    fake = SimpleNamespace(stdout=out, modules={})
    monkeypatch.setattr(progbar, "sys", fake)
    monkeypatch.setattr(console, "sys", fake)
    monkeypatch.delenv("NO_COLOR", raising=False)
    _columns(monkeypatch, 100)
    return out


def _columns(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))


def _fit(logger: ProgbarLogger, clock: Clock, verbose: Any, epochs: int = 2) -> None:
    everyone = CallbackList(
        [logger], model=FakeModel(), verbose=verbose, epochs=epochs, steps=10
    )
    everyone.on_train_begin()
    for epoch in range(epochs):
        everyone.on_epoch_begin(epoch)
        for batch in range(10):
            clock.now += 0.06
            everyone.on_train_batch_end(batch, {"loss": 1.0 / (batch + 1)})
        everyone.on_test_begin()
        everyone.on_test_batch_end(0, {"loss": 9.0})
        everyone.on_test_end({"loss": 9.0})
        everyone.on_epoch_end(epoch, {"loss": 0.1, "val_loss": 0.00012})
    everyone.on_train_end()


def test_a_bar_of_ones_own_gives_a_pipe_a_line_at_a_time(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    bar = Progbar(3)
    for step in range(1, 4):
        clock.now += 0.06 if step < 3 else 0.01  # the last comes at any time
        bar.update(step, [("loss", float(step))])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["1/3", "2/3", "3/3"]
    assert "loss: 1.5000" in lines[1] and "\r" not in "".join(lines)


def test_a_pipe_gets_one_line_per_epoch(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    _fit(ProgbarLogger(), clock, "auto")
    line = f"10/10 {'━' * 20} 1s 60ms/step - loss: 0.1000 - val_loss: 1.2000e-04"
    expected = ["Epoch 1/2", line, "Epoch 2/2", line]
    assert capsys.readouterr().out.splitlines() == expected


def test_verbose_2_is_one_line_without_a_bar(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    _fit(ProgbarLogger(), clock, 2, epochs=1)
    out = capsys.readouterr().out
    assert out == "10/10 - 1s - 60ms/step - loss: 0.1000 - val_loss: 1.2000e-04\n"


def test_verbose_0_is_silent(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    _fit(ProgbarLogger(), clock, 0)
    assert capsys.readouterr().out == ""


def test_a_terminal_sees_the_line_change(clock: Clock, terminal: Terminal) -> None:
    _fit(ProgbarLogger(), clock, 1, epochs=1)
    text = STYLE.sub("", terminal.getvalue())
    drawn = text.rstrip("\n").split("\r")[1:]
    assert len(drawn) == 11 and text.count("\n") == 1
    assert drawn[0].rstrip() == f" 1/10 {'━' * 20} 0s 60ms/step - loss: 1.0000"
    assert drawn[-1].startswith("10/10 ") and "val_loss" in drawn[-1]
    assert "\x1b[32m" in terminal.getvalue()


def test_a_shorter_line_wipes_the_longer_one(clock: Clock, terminal: Terminal) -> None:
    bar = Progbar(2, stateless_metrics=())
    bar.update(1, [("a_long_name_of_a_metric", 1.0)])
    bar._values.clear()
    clock.now += 1
    bar.update(2)
    first, last = STYLE.sub("", terminal.getvalue()).strip("\r\n").split("\r")
    assert len(last) == len(first) and last.endswith(" " * 20)


@pytest.mark.parametrize("columns", [10, 30, 79])
def test_a_moving_line_fits_the_window(
    clock: Clock, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    _columns(monkeypatch, columns)
    bar = Progbar(1000, stateless_metrics=())
    for step in range(1, 900, 50):
        clock.now += 1
        bar.update(step, [(f"metric_{i}", i * 1.5) for i in range(5)])
    lines = STYLE.sub("", terminal.getvalue()).split("\r")[1:]
    assert len(lines) == 18 and all(len(line) < columns for line in lines)
    assert all(line.rstrip().endswith("…") for line in lines)


def test_drawing_waits_for_the_interval(clock: Clock, terminal: Terminal) -> None:
    bar = Progbar(1000)
    for step in range(1, 1000):
        clock.now += 0.001
        bar.update(step)
    assert 15 <= terminal.getvalue().count("\r") <= 25


def test_no_color_means_no_color(
    clock: Clock, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _fit(ProgbarLogger(), clock, 1, epochs=1)
    assert "\x1b" not in terminal.getvalue() and "\r" in terminal.getvalue()


@pytest.mark.parametrize(("per_batch", "shows"), [(0.01, False), (0.2, True)])
def test_a_short_predict_shows_no_bar(
    clock: Clock, capsys: pytest.CaptureFixture[str], per_batch: float, shows: bool
) -> None:
    logger = CallbackList([ProgbarLogger()], verbose="auto", epochs=1, steps=10)
    logger.on_predict_begin()
    for batch in range(10):
        clock.now += per_batch
        logger.on_predict_batch_end(batch, {"outputs": object()})
    logger.on_predict_end()
    out = capsys.readouterr().out
    assert out == (f"10/10 {'━' * 20} 2s 200ms/step\n" if shows else "")


def test_evaluate_shows_its_metrics(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = CallbackList([ProgbarLogger()], verbose=1, epochs=1, steps=2)
    logger.on_test_begin()
    for batch in range(2):
        clock.now += 1.5
        logger.on_test_batch_end(batch, {"loss": 3.0})
    logger.on_test_end({"loss": 2.0})
    expected = f"2/2 {'━' * 20} 3s 2s/step - loss: 2.0000\n"
    assert capsys.readouterr().out == expected


def test_an_unknown_number_of_steps(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = ProgbarLogger()
    everyone = CallbackList([logger], verbose=1, epochs=1, steps=None)
    everyone.on_epoch_begin(0)
    for batch in range(3):
        clock.now += 0.1
        everyone.on_train_batch_end(batch, {"loss": 1.0})
    everyone.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out.startswith("3/3 ")
    assert logger.target == 3
    assert Progbar(None)._count(5) == "      5/Unknown"


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5s"), (65, "1:05"), (3725, "1:02:05")]
)
def test_remaining_time(
    clock: Clock, terminal: Terminal, seconds: int, text: str
) -> None:
    bar = Progbar(seconds + 1)
    clock.now += 1.0001
    bar.update(1)
    assert f" {text} 1s/step" in STYLE.sub("", terminal.getvalue())


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ({}, "a: 2.0000 - b: 2.0000"),
        ({"stateful_metrics": ["a"]}, "a: 3.0000 - b: 2.0000"),
        ({"stateless_metrics": ["a"]}, "a: 2.0000 - b: 3.0000"),
    ],
)
def test_averages_and_values_as_they_come(
    arguments: dict[str, Any], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bar = Progbar(4, **arguments)
    bar.add(2, [("a", 1.0), ("b", 1.0)])
    bar.add(1, [("a", 3.0), ("b", 3.0)])
    bar.update(3, [("a", 3.0), ("b", 3.0)])
    bar.update(3, finalize=True)
    assert capsys.readouterr().out.rstrip().endswith(shown)


def test_both_kinds_of_metrics_are_refused() -> None:
    with pytest.raises(ArgumentError, match="averaged"):
        Progbar(1, stateful_metrics=[], stateless_metrics=[])


@pytest.mark.parametrize("columns", ["", "0", "wide"])
def test_without_a_terminal_there_are_80_columns(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "__stdout__", None)
    assert console.terminal_columns() == 80


def test_an_old_encoding_gets_plain_characters(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    bar = Progbar(2, stateless_metrics=())
    clock.now += 1
    bar.update(2)
    write("┏━┓ é\n")
    assert raw.getvalue() == b"2/2 ==================== 1s 500ms/step\n+=+ ?\n"
