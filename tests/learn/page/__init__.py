"""Live figures, alone on a page, in a real browser."""
