"""Faults of the one-machine runtime: one line that says what happened and what to do."""


class LocalError(Exception):
    """The runtime cannot do what was asked; the message is for a person at a terminal."""
