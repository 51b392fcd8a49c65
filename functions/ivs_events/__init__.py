"""What Amazon IVS tells over EventBridge, taken in."""
