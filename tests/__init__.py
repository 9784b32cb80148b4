"""What Pronghorn promises, held by tests."""
