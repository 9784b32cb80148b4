"""Writes what TensorFlow's hashes of some strings are to recorded_hashes.json.

Run it where TensorFlow is installed: python -m tests.layers.record_hashes
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LENGTHS = [*range(201), 255, 256, 257, 1000, 100_000]
KEYS = [(133, 137), (0x0706050403020100, 0x0F0E0D0C0B0A0908), (1, 0x7FFFFFFFFFFFFFFF)]
BUCKETS = 2**63 - 1  # the largest that TensorFlow takes: nearly the whole hash
PAIRS = [("A", 101), ("B", -3), ("", 0), ("é", 2**40), ("long " * 30, -(2**62))]


def strings() -> list[bytes]:
    """One string of each length, of all 256 values of a byte."""
    return [
        bytes((7 * i + i * i // 3 + 31 * length) % 256 for i in range(length))
        for length in LENGTHS
    ]


def orders(texts: Any, numbers: Any) -> list[list[Any]]:
    """The columns that are crossed: texts, numbers, in either order, of one kind."""
    return [[texts, numbers], [numbers, texts, texts], [texts, texts], [numbers] * 2]


if __name__ == "__main__":
    import tensorflow as tf

    items = strings()
    fast = tf.strings.to_hash_bucket_fast(items, BUCKETS)
    strong = [tf.strings.to_hash_bucket_strong(items, BUCKETS, key) for key in KEYS]
    texts, numbers = ([[pair[i]] for pair in PAIRS] for i in range(2))
    columns = [tf.constant(texts), tf.constant(numbers, tf.int64)]
    crosses = [
        tf.sparse.to_dense(tf.sparse.cross_hashed(order, 2**62))
        for order in orders(*columns)
    ]
    recorded = {
        "tensorflow": tf.__version__,
        "farmhash64": fast.numpy().tolist(),
        "siphash64": [values.numpy().tolist() for values in strong],
        "crosses": [values.numpy().ravel().tolist() for values in crosses],
    }
    path = Path(__file__).with_name("recorded_hashes.json")
    path.write_text(json.dumps(recorded) + "\n")
    print(f"{len(items)} strings by TensorFlow {tf.__version__} in {path.name}")
