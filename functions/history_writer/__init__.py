"""Writes ended streams to the history."""
