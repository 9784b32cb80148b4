"""The package as it is built, installed and imported."""
