"""A whole program, from start to a trained model: `python -m benchmarks.whole`.

Arguments: peer, workload, epochs, threads, options as JSON. The caller times the
process: import, data, one `fit`, one prediction of a row, as a script has them.
"""

from __future__ import annotations

import json
import sys

from benchmarks import workloads
from benchmarks.peers import make


def main() -> None:
    """Runs it."""
    peer_name, workload_name, epochs, threads, options = sys.argv[1:]
    workload = workloads.WORKLOADS[workload_name]
    x, y = workloads.table(workload)
    peer = make(peer_name, int(threads))
    peer.prepare(workload, x, y, json.loads(options))
    peer.epochs(int(epochs))
    predict = next(iter(peer.predictors().values()))
    assert len(predict(x[:1])) == 1


if __name__ == "__main__":
    main()
