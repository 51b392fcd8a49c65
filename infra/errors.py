"""What may be wrong with the app itself, each found when it is synthesised.

WiringError     a function's wiring fits neither its settings nor the tables
"""

from __future__ import annotations


class WiringError(Exception):
    """A function's wiring and what it is wired to do not fit; the message says which names."""
