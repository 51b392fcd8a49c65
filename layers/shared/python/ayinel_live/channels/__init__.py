"""Channels: what is permanent about a creator - video channels, settings, sanctions."""
