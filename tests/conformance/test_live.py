"""What only real Keras can tell: that it opens our files, and is what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

import pronghorn
from tests.conformance import live, report, store
from tests.conformance.case import Case
from tests.conformance.cases import GROUPS, files, hashing, load_group
from tests.conformance.compare import failures
from tests.conformance.live import Expected
from tests.conformance.store import normalise


def test_keras_opens_our_files_and_trains_on(
    keras_python: Path, tmp_path: Path
) -> None:
    for optimizer in files.OPTIMIZERS:
        files.write(pronghorn, optimizer, tmp_path / f"{optimizer}.keras")
    live.run(keras_python, "tests.conformance.reopen", str(tmp_path))
    theirs = store.load(tmp_path, "reopened")
    assert sorted(theirs) == sorted(files.OPTIMIZERS)
    for optimizer, expected in theirs.items():
        ours = files.goes_on(pronghorn, tmp_path / f"{optimizer}.keras")
        case = Case(f"files/{optimizer}/reopened", lambda k: {})
        assert failures(case, expected, normalise(ours)) == []


def test_keras_opens_our_feature_spaces(keras_python: Path, tmp_path: Path) -> None:
    space, net = tmp_path / hashing.SPACE.name, tmp_path / hashing.NET.name
    hashing.write(pronghorn, space)
    hashing.write_net(pronghorn, net)
    live.run(keras_python, "tests.conformance.reopen", str(tmp_path))
    theirs = store.load(tmp_path, "reopened")
    ours = {
        space.stem: hashing.opened(pronghorn, space),
        net.stem: hashing.net_opened(pronghorn, net),
    }
    assert sorted(theirs) == sorted(ours)
    for name, expected in theirs.items():
        case = Case(f"hashing/{name}/reopened", lambda k: {})
        assert failures(case, expected, normalise(ours[name])) == []


def test_live_models_become_one_another(keras_python: Path) -> None:
    live.run(keras_python, "tests.conformance.exchange")


@pytest.mark.parametrize("group", GROUPS)
def test_the_recorded_values_are_those_of_this_keras(
    group: str, keras_python: Path, expected: Expected
) -> None:
    recorded = store.load(store.RECORDED, group)
    current = expected.group(group)
    assert sorted(recorded) == sorted(current) == sorted(load_group(group))
    for name, case in load_group(group).items():
        assert failures(case, recorded[name], current[name]) == [], name


def test_the_page_is_written(keras_python: Path, expected: Expected) -> None:
    """docs/conformance.md, from the Keras that ran just now."""
    assert report.write(expected, beside=True) == []
