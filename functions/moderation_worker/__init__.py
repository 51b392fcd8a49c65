"""Gives accepted messages their verdicts and stores them; shows delayed ones when it is time."""
