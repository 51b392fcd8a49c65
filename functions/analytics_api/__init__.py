"""Answers owners about their audiences: one stream live or ended, and their history."""
