"""Tests of `pronghorn.optimizers`."""
