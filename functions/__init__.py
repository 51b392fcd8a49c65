"""The Lambda functions: a folder each with handler.py (wiring, translation) and settings.py."""

from ayinel_live.runtime.lean_start import start_lean

start_lean()
