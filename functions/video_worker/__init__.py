"""Background calls to the video provider, one at a time."""
