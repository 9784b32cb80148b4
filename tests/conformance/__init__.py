"""Conformance with Keras 3: the same cases, run on both, compared number by number."""
