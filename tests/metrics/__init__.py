"""Tests of `pronghorn.metrics`."""
