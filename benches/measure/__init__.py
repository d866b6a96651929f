"""The parts of benches/run.py, one kind of figure a file."""
