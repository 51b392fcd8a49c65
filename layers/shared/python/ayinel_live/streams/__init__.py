"""Streams: one broadcast each, from start to recording."""
