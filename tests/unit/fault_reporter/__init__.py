"""Faults, told once."""
