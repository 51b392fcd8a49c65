"""The chat's WebSocket: connecting, leaving, and every frame that a client sends."""
