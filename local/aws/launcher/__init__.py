"""Runs MiniStack with what it gets wrong mended.

This package runs on the emulator's interpreter, never on the project's: it may import the
standard library, `ministack` and what stands beside it in `locks/emulator.in`, nothing else.
"""
