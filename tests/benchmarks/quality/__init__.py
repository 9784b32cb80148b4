"""The comparison of learners on tables."""
