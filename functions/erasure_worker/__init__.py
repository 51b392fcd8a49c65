"""Erases deleted streams and users, in the background and again from the start if it dies."""
