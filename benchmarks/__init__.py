"""Timings beside other libraries, in one run."""
