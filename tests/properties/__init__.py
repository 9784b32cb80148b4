"""What holds for all inputs, tried with Hypothesis."""
