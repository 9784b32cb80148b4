"""Results on disk: one `.npz` a group, floats in one array, the rest as JSON.

No pickles. Floats are float32, as both libraries compute; an array of floats is
stored as its offset and shape, so a thousand small ones cost little.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance.case import Results

RECORDED = Path(__file__).parent / "recorded"


def save(folder: Path, group: str, results: dict[str, Results]) -> None:
    """Write the results of a group's cases, by name."""
    floats: list[np.ndarray] = []
    index = {name: _pack(value, floats) for name, value in results.items()}
    text = json.dumps(index, separators=(",", ":")).encode()
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / f"{group}.npz",
        floats=np.concatenate(floats) if floats else np.zeros(0, "float32"),
        index=np.frombuffer(text, dtype="uint8"),
    )


def load(folder: Path, group: str) -> dict[str, Results]:
    """Read what `save` wrote."""
    with np.load(folder / f"{group}.npz", allow_pickle=False) as archive:
        floats, text = archive["floats"], archive["index"].tobytes().decode()
    return {name: _unpack(v, floats) for name, v in json.loads(text).items()}


def _pack(value: Any, floats: list[np.ndarray]) -> Any:
    if isinstance(value, dict):
        return {str(key): _pack(item, floats) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_pack(item, floats) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind != "f":
            return {"$values": array.tolist(), "dtype": str(array.dtype)}
        start = sum(part.size for part in floats)
        floats.append(array.astype("float32").ravel())
        return {"$floats": start, "shape": list(array.shape)}
    return value


def _unpack(value: Any, floats: np.ndarray) -> Any:
    if isinstance(value, list):
        return [_unpack(item, floats) for item in value]
    if not isinstance(value, dict):
        return value
    if "$floats" in value:
        start, shape = value["$floats"], value["shape"]
        return floats[start : start + int(np.prod(shape))].reshape(shape)
    if "$values" in value:
        return np.asarray(value["$values"], dtype=value["dtype"])
    return {key: _unpack(item, floats) for key, item in value.items()}


def normalise(results: Results) -> Results:
    """The results as they would be read back from disk."""
    floats: list[np.ndarray] = []
    packed = json.loads(json.dumps(_pack(results, floats)))
    return _unpack(packed, np.concatenate([*floats, np.zeros(0, "float32")]))
