"""The Lambda functions: a folder each with handler.py (wiring, translation) and settings.py."""
