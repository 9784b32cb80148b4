"""Models as the bytes of their files: architecture, weights, and members of ours."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from pronghorn.config import object_sharing_scope, prune_shared, serialize
from pronghorn.errors import ArgumentError
from pronghorn.saving.archive import (
    CONFIG,
    EXTRA,
    EXTRA_NAME,
    METADATA,
    WEIGHTS,
    pack,
)
from pronghorn.saving.assets import save_assets
from pronghorn.saving.hdf5 import WeightsWriter
from pronghorn.saving.state import save_state

__all__ = [
    "FORMAT_MEMBER",
    "FORMAT_VERSION",
    "KERAS_VERSION",
    "json_bytes",
    "model_members",
    "model_to_bytes",
    "model_to_json",
    "weights_bytes",
]

# The Keras whose file format this is; Keras reads it from metadata.json.
KERAS_VERSION = "3.15.1"
FORMAT_MEMBER = "format.json"
FORMAT_VERSION = 1


def model_to_bytes(model: Any, include_optimizer: bool = True) -> bytes:
    """The bytes of the `.keras` file of a model (pickle and deepcopy use them).

    Args:
        model: a model.
        include_optimizer: whether the optimizer's slots are saved.
    """
    return pack(model_members(model, include_optimizer))


def model_members(model: Any, include_optimizer: bool = True) -> dict[str, bytes]:
    """The members of the archive, or of the folder, that holds a model.

    Args:
        model: a model.
        include_optimizer: whether the optimizer's slots are saved.

    Returns:
        Bytes by the member's name.
    """
    with object_sharing_scope():
        config = prune_shared(serialize(model))
    if not getattr(model, "_ours_alone", False):  # who asks for it knows
        _warn_if_ours_alone(config)
    members = {
        METADATA: json_bytes(_metadata()),
        CONFIG: json_bytes(config),
        WEIGHTS: weights_bytes(model, include_optimizer),
    }
    return members | save_assets(model) | _extra_members(model)


def model_to_json(model: Any, **kwargs: Any) -> str:
    """A model's architecture and compile arguments as JSON text, without weights.

    Args:
        model: a model.
        **kwargs: for `json.dumps`, such as indent.
    """
    with object_sharing_scope():
        config = prune_shared(serialize(model))
    return json_bytes(config, **kwargs).decode()


def json_bytes(value: Any, **kwargs: Any) -> bytes:
    """Plain data as JSON.

    Args:
        value: a model's config, say.
        **kwargs: for `json.dumps`.

    Raises:
        ArgumentError: something that JSON does not have.

    Example:

    >>> json_bytes({"a": 1})
    b'{"a": 1}'
    """
    try:
        return json.dumps(value, **kwargs).encode()
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"The model's config cannot be written as JSON: {error}",
            where="get_config()",
            expected="numbers, strings, lists, dicts and serialized objects",
            received=str(error),
            remedy="return only such values from the get_config() of your own classes",
        ) from error


def _metadata() -> dict[str, str]:
    now = time.strftime("%Y-%m-%d@%H:%M:%S")
    return {"keras_version": KERAS_VERSION, "date_saved": now}


def weights_bytes(
    model: Any, include_optimizer: bool, skip: tuple[Any, ...] = ()
) -> bytes:
    """The bytes of a `.weights.h5` file.

    Args:
        model: a model.
        include_optimizer: whether the optimizer's variables are saved.
        skip: objects to leave out, with all below them.
    """
    optimizer = getattr(model, "optimizer", None)
    if not include_optimizer and optimizer is not None:
        skip = (*skip, optimizer)
    writer = WeightsWriter()
    save_state(model, writer, skip)
    return writer.finish()


def _extra_members(model: Any) -> dict[str, bytes]:
    extras: Mapping[str, bytes] = getattr(model, "_pronghorn_members", None) or {}
    if not extras:
        return {}
    members = {f"{EXTRA}{FORMAT_MEMBER}": json_bytes({"format": FORMAT_VERSION})}
    for name, data in extras.items():
        full = f"{EXTRA}{name}"
        if not EXTRA_NAME.fullmatch(full) or name == FORMAT_MEMBER:
            raise ArgumentError(
                f"{name!r} cannot be a member of a model file.",
                where="_pronghorn_members",
                expected=f"letters, digits, - _ . and /; not {FORMAT_MEMBER!r}",
                received=repr(name),
                remedy="choose a plain name such as 'schema.json'",
            )
        members[full] = bytes(data)
    return members


def _warn_if_ours_alone(config: Any) -> None:
    names = sorted(set(_our_classes(config)))
    if names:
        warnings.warn(
            f"Keras will not open this file: it has no {', '.join(names)}. "
            "Pronghorn opens it.",
            stacklevel=5,
        )


def _our_classes(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        module = config.get("module")
        if isinstance(module, str) and module.split(".")[0] == "pronghorn":
            yield f"{module}.{config.get('class_name')}"
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        for item in config:
            yield from _our_classes(item)
