"""How well learners do on tables, and what that costs: `python -m benchmarks.quality`.

docs/quality.md says which tables and learners, and how they are measured.
"""
