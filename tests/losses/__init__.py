"""Tests of `pronghorn.losses`."""
