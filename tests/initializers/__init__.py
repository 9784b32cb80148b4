"""Tests of `pronghorn.initializers`."""
