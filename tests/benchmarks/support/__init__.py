"""Servers and measuring that several benchmarks share."""
