"""Walks the way of a viewer, over and over."""
