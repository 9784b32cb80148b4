"""What TensorBoard's projector shows: rows of embeddings, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError

__all__ = ["Projector"]


class Projector:
    """Writes the embeddings of a model as tables that TensorBoard's projector reads.

    Args:
        folder: of the run, where event files are.
        model: its layers of a class `Embedding` are written.
        metadata: the path of a file, with a line for each row of an embedding; or a
            dict of such by the layers' names. Relative ones begin in the folder above.

    Raises:
        ArgumentError: a name that no such layer has.
    """

    def __init__(self, folder: str, model: Any, metadata: Any) -> None:
        self._folder, self._model = folder, model
        self._layers = [
            layer
            for layer in model.layers
            if any(c.__name__ == "Embedding" for c in type(layer).__mro__)
        ]
        names = [layer.name for layer in self._layers]
        if isinstance(metadata, Mapping):
            unknown = [str(name) for name in metadata if name not in names]
            if unknown:
                raise ArgumentError(
                    "embeddings_metadata names what is no embedding of the model.",
                    where="TensorBoard, argument `embeddings_metadata`",
                    expected=", ".join(names) or "no names: there is no embedding",
                    received=", ".join(unknown),
                    remedy="spell them as the layers",
                )
            self._metadata = {key: os.fspath(path) for key, path in metadata.items()}
        else:
            self._metadata = dict.fromkeys(names, os.fspath(metadata or ""))

    def write(self, epoch: int) -> None:
        """Writes the embeddings as they are now, and all weights beside them."""
        os.makedirs(self._folder, exist_ok=True)
        path = os.path.join(self._folder, f"keras_embedding.ckpt-{epoch}.weights.h5")
        self._model.save_weights(path)
        lines = []
        for layer in self._layers:
            table = f"{layer.name.replace('/', '_')}.tsv"
            values = layer.embeddings.numpy()
            np.savetxt(os.path.join(self._folder, table), values, "%.9g", "\t")
            lines += [
                "embeddings {",
                f'  tensor_name: "{_escaped(layer.embeddings.path)}"',
                f'  tensor_path: "{_escaped(table)}"',
            ]
            about = self._metadata.get(layer.name)
            if about:
                inside = about if os.path.isabs(about) else os.path.join("..", about)
                lines.append(f'  metadata_path: "{_escaped(inside)}"')
            lines.append("}")
        config = os.path.join(self._folder, "projector_config.pbtxt")
        with open(config, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
