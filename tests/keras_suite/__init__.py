"""Keras's own tests, run against Pronghorn: `make keras-suite`.

The tests are read from an installed keras wheel, where they lie beside the sources; no
text of theirs is in this repository, and real Keras is never imported.

    alias.py      `keras` and `keras.src`, every module of them, are Pronghorn's rooms
    stand_ins.py  what Keras keeps for itself and its tests call: the backend's helpers,
                  classes of operations, names that are not here, other frameworks
    event_files.py  what reads TensorBoard's files as TensorFlow would
    case.py       the class that those tests inherit from, and its assertions
    layer_checks.py  its one large check, of a layer
    exclusions.txt   what is not judged, each line with its reason
    files.py      the test files, and which of their tests are left out
    judge.py      runs one file in this process
    runner.py     runs them all, each file in a process of its own
    report.py     docs/keras-suite.md
    floor.txt     the share that has been reached, and may only rise
"""
