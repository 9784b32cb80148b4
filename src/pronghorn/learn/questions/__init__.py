"""The exercises' questions, a file for each lesson."""
