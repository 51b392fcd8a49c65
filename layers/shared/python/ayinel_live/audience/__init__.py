"""Audience: who is watching, counted as people, and what that adds up to."""
