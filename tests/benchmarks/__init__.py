"""The benchmark suite's own arithmetic."""
