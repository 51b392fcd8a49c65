"""Replaces the key pair that signs playback tokens when it is old, and retires the one before."""
