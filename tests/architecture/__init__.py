"""Rules that hold for the code as a whole, read from its source."""
