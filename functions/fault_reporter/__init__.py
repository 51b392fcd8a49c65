"""Tells of every new fault once."""
