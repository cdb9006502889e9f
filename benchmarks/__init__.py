"""Interleaved timings of NumPy against Keras: ``python -m benchmarks``."""
