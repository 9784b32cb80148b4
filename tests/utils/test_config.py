"""`Config`: named values that can be frozen."""

from __future__ import annotations

import json

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.utils import Config


def test_values_are_attributes_and_items():
    config = Config(rate=0.1)
    config.epochs, config["seed"] = 5, 3
    assert (config.rate, config["epochs"], config.seed) == (0.1, 5, 3)
    assert sorted(config.keys()) == list(config) == ["epochs", "rate", "seed"]
    assert list(config.values()) == [0.1, 5, 3] and len(config) == 3
    assert dict(config.items()) == config.as_dict() == json.loads(config.to_json())
    assert "seed" in config and config.get("none", 7) == 7
    assert config.pop("seed") == 3 and "seed" not in config
    config.update(rate=0.2)
    del config["epochs"]
    assert repr(config) == "<Config {'rate': 0.2}>"
    config.as_dict()["rate"] = 9
    assert config.rate == 0.2


def test_a_frozen_one_does_not_change():
    config = Config(rate=0.1)
    config.freeze()
    assert config.frozen
    for change in (
        lambda: setattr(config, "rate", 1),
        lambda: config.update(rate=1),
        lambda: config.pop("rate"),
        lambda: config.__setitem__("rate", 1),
        lambda: config.__delitem__("rate"),
    ):
        with pytest.raises(ArgumentError, match="frozen"):
            change()
    assert config.rate == 0.1
    config.unfreeze()
    config.rate = 1
    assert config.rate == 1 and not config.frozen


def test_unknown_names():
    with pytest.raises(AttributeError, match="did you mean rate"):
        _ = Config(rate=1).rat
    with pytest.raises(AttributeError, match="Unknown attribute: 'a'"):
        _ = Config().a
    with pytest.raises(KeyError):
        _ = Config()["a"]
