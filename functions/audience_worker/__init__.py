"""Counts what the Viewers and ChatMessages tables tell."""
