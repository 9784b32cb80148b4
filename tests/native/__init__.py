"""C++ tests of the engine, and what writes the programs that they run."""
