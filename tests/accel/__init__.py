"""Tests of `pronghorn.accel`."""
