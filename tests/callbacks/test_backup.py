"""BackupAndRestore: what a killed training loses, which is nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import callbacks
from pronghorn.errors import ArgumentError, FileFormatError

from .resumed import Kill, net, train

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, *arguments: Any) -> int:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.callbacks.resumed", str(folder)]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


@pytest.mark.parametrize(
    ("save_freq", "moment", "first"),
    [("epoch", (3, 2), 3), (3, (2, 3), 2), (4, (3, 4), 3), (5, (2, 4), 2)],
)
def test_a_killed_training_ends_in_the_same_bits(
    tmp_path: Path, save_freq: Any, moment: tuple[int, int], first: int
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run(whole, 7, save_freq) == 0
    assert run(broken, 7, save_freq, *moment) == -signal.SIGKILL
    assert not (broken / "result.npz").exists()
    # Another seed: what the first process drew has to come from the backup.
    assert run(broken, 8, save_freq) == 0
    expected, found = np.load(whole / "result.npz"), np.load(broken / "result.npz")
    assert found["epochs"].tolist() == list(range(first, 5))
    for name in expected.files:
        wanted = expected[name]
        if name == "epochs" or name.startswith("h "):
            wanted = wanted[first:]
        np.testing.assert_array_equal(found[name], wanted, err_msg=name)
    assert not (broken / "backup").exists()


def test_another_seed_alone_gives_other_bits(tmp_path: Path) -> None:
    for seed in (7, 8):
        run(tmp_path / str(seed), seed, "epoch")
    a, b = (np.load(tmp_path / str(seed) / "result.npz") for seed in (7, 8))
    assert (a["w 000"] != b["w 000"]).any()


class Crash(Exception):
    pass


def crash_in(epoch: int) -> Any:
    def hook(now: int, logs: Any) -> None:
        if now == epoch:
            raise Crash

    return callbacks.LambdaCallback(on_epoch_begin=hook)


def broken(folder: Path, **arguments: Any) -> None:
    with pytest.raises(Crash):
        backup = callbacks.BackupAndRestore(folder, **arguments)
        train(net(), [backup, crash_in(3)])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_backup_is_kept_if_wanted(tmp_path: Path) -> None:
    keep = callbacks.BackupAndRestore(tmp_path / "b", delete_checkpoint=False)
    train(net(), [keep], epochs=2)
    assert names(tmp_path / "b") == [
        "step-000000010.weights.h5",
        "training_metadata.json",
    ]
    # a fit that is over is not run again
    history = train(net(), [keep], epochs=2)
    assert history.epoch == []
    assert train(net(), [keep], epochs=4).epoch == [2, 3]


def test_files_of_others_are_left(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    train(net(), [callbacks.BackupAndRestore(tmp_path)], epochs=1)
    assert names(tmp_path) == ["notes.txt"]


def test_a_spoilt_backup(tmp_path: Path) -> None:
    broken(tmp_path)
    assert len(names(tmp_path)) == 2
    (tmp_path / "step-000000015.weights.h5").write_bytes(b"spoilt")
    with pytest.raises(FileFormatError):
        train(net(), [callbacks.BackupAndRestore(tmp_path)])


def test_two_backups_are_safer_than_one(tmp_path: Path) -> None:
    broken(tmp_path, double_checkpoint=True)
    assert len(names(tmp_path)) == 4
    (tmp_path / "step-000000015.weights.h5").write_bytes(b"spoilt")
    backup = callbacks.BackupAndRestore(tmp_path, double_checkpoint=True)
    assert train(net(), [backup]).epoch == [2, 3, 4]
    assert not tmp_path.exists()


def test_a_crash_within_the_backup_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump, calls = json.dump, []

    def failing(*args: Any, **kwargs: Any) -> None:
        calls.append(0)
        if len(calls) == 3:
            args[1].write('{"epoch": ')
            raise Crash
        dump(*args, **kwargs)

    monkeypatch.setattr(json, "dump", failing)
    with pytest.raises(Crash):
        train(net(), [callbacks.BackupAndRestore(tmp_path)])
    assert len([n for n in names(tmp_path) if n.endswith(".h5")]) == 2
    assert train(net(), [callbacks.BackupAndRestore(tmp_path)]).epoch == [2, 3, 4]


def test_a_backup_of_keras_is_taken(tmp_path: Path) -> None:
    model = net()
    train(model, [], epochs=2)
    model.save_weights(str(tmp_path / "latest.weights.h5"))
    kept = model.get_weights()
    text = json.dumps({"epoch": 2, "batch": 3})
    (tmp_path / "training_metadata.json").write_text(text)
    seen: list[Any] = []
    other = net()
    look = callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: seen.append(
            (batch, other.get_weights())
        )
    )
    assert train(other, [callbacks.BackupAndRestore(tmp_path), look]).epoch == [2, 3, 4]
    assert seen[0][0] == 0
    for a, b in zip(seen[0][1], kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_epoch_of_other_steps_cannot_be_gone_on_with(tmp_path: Path) -> None:
    class Stop(Kill):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if (self.epoch, batch) == self.moment:
                raise Crash

    with pytest.raises(Crash):
        train(net(), [callbacks.BackupAndRestore(tmp_path, save_freq=2), Stop(1, 2)])
    with pytest.raises(ArgumentError, match="5 steps in an epoch"):
        train(net(), [callbacks.BackupAndRestore(tmp_path)], batch_size=4)


def test_another_model_does_not_fit(tmp_path: Path) -> None:
    broken(tmp_path)
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(4,))])
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(FileFormatError):
        train(model, [callbacks.BackupAndRestore(tmp_path)])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"backup_dir": ""}, "Empty `backup_dir`"),
        ({"backup_dir": None}, "Empty `backup_dir`"),
        ({"backup_dir": "b", "save_freq": "batch"}, "'batch'"),
        ({"backup_dir": "b", "save_freq": 0.5}, "0.5"),
        ({"backup_dir": "b", "save_freq": 0}, "positive number"),
        ({"backup_dir": "b", "save_freq": False}, "False"),
    ],
)
def test_arguments_that_do_not_fit(arguments: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        callbacks.BackupAndRestore(**arguments)
