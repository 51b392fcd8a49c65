"""Benchmarks: ratios to named peers, taken in one run."""
