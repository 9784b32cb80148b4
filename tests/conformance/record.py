"""Record what real Keras gives: run with an interpreter that has Keras installed.

    KERAS_BACKEND=tensorflow python -m tests.conformance.record [--out DIR] [GROUP...]

Writes one `.npz` a group to `recorded/`, which is committed, so that the tests
compare with Keras where Keras is not installed.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

from tests.conformance import store
from tests.conformance.cases import GROUPS, files, hashing, load_group

# Powers: one of 0.5 is an exact square root only once its graph is rewritten.
REWRITTEN = ("optimizers/Adafactor/", "optimizers/Ftrl/")


def rewrite(graphs: bool) -> None:
    """Whether TensorFlow rewrites graphs before it runs them."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": not graphs})


def quick() -> None:
    """Spare TensorFlow what takes longer than these nets: rewriting their graphs."""
    rewrite(False)
    gc.collect()
    gc.freeze()  # what the imports made is not looked through again


def record(group: str, out: Path, only: str = "") -> None:
    """Run a group's cases in Keras, each from a clear session."""
    import keras

    quick()
    if group == "files" and out == store.RECORDED:
        files.FILES.mkdir(parents=True, exist_ok=True)
        for optimizer in files.OPTIMIZERS:
            files.write(keras, optimizer, files.FILES / f"{optimizer}.keras")
    if group == "hashing" and out == store.RECORDED:
        hashing.write(keras, hashing.SPACE)
        hashing.write_net(keras, hashing.NET)
    table = load_group(group)
    # With `only`, what was recorded of the other cases stays.
    known = store.load(out, group) if only else {}
    results = {name: known[name] for name in table if name in known}
    for name, case in table.items():
        if only not in name:
            continue
        rewrite(name.startswith(REWRITTEN))
        keras.backend.clear_session(free_memory=False)
        keras.utils.set_random_seed(0)
        try:
            results[name] = case.run(keras)
        except Exception:
            print(f"case {name} failed in Keras", file=sys.stderr)
            raise
    store.save(out, group, {name: results[name] for name in table})


def answer(out: Path) -> None:
    """Record groups as lines of standard input name them; answer with the name."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Keras prints is no answer
    for line in sys.stdin:
        group = line.strip()
        record(group, out)
        print(group, file=told, flush=True)


def main() -> None:
    """Record the groups named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Record what Keras gives.")
    parser.add_argument("groups", nargs="*", default=GROUPS)
    parser.add_argument("--out", type=Path, default=store.RECORDED)
    parser.add_argument(
        "--only", default="", help="record only cases with this text in their names"
    )
    parser.add_argument(
        "--asked", action="store_true", help="record each group that a line asks for"
    )
    arguments = parser.parse_args()
    if arguments.asked:
        answer(arguments.out)
        return
    for group in arguments.groups or GROUPS:
        start = time.perf_counter()
        record(group, arguments.out, arguments.only)
        print(f"{group}: {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
