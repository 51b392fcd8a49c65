"""HTTP calls about streams: start, stop, status, lists, playback, owners' and operators' calls."""
