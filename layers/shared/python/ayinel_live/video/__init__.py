"""Video: the provider that takes RTMP and serves HLS; nothing above this slice knows its types."""
