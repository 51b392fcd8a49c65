"""Everything that can be set on the stand-in, read once."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0)]


class VideoSettings(BaseModel):
    """How the stand-in runs; the defaults are those of one machine.

    Attributes:
        host: The interface that both servers listen on.
        rtmp_port: Where encoders push; 0 takes a free port.
        http_port: Control API and playback; 0 takes a free port.
        state_dir: Where channels, keys and sessions are kept; nothing is kept without it.
        events_url: Where events are posted as ``{"events": [...]}``; without it they are only held.
        s3_endpoint: The S3 that recordings go to; without it AWS itself.
        recordings_enabled: Whether channels with a recording configuration are recorded.
        public_http_url: How players reach this server; its own address where empty.
        public_rtmp_address: The ``ingestEndpoint`` of channels, ``host:port``.
        region: The region in ARNs, keys and playback addresses.
        account_id: The account in ARNs.
        is_throttled: Whether the control API holds callers to the rates of IVS.
        throttle_burst_seconds: How much unused rate a caller may save up.
        max_channels: Quota of channels.
        max_playback_key_pairs: Quota of playback key pairs.
        max_recording_configurations: Quota of recording configurations.
        max_playback_restriction_policies: Quota of playback restriction policies.
        handshake_timeout_seconds: From TCP connection to the end of the RTMP handshake.
        publish_timeout_seconds: From TCP connection to an accepted ``publish``.
        max_waiting_connections: Connections that have not published yet; more are closed at once.
        max_message_bytes: The longest RTMP message of a publisher.
        starvation_seconds: Without video for this long a stream starves.
        frozen_seconds: Without video for this long a session is ended.
        min_segment_seconds: A keyframe cuts a segment once it is this long.
        max_segment_seconds: Without a keyframe a segment is cut after this long.
        window_seconds: How much of the stream a live playlist shows.
        reconnect_seconds: A broken-off stream's playlist stays open this long for its encoder.
        viewer_idle_seconds: A player that polls no playlist for this long is no viewer.
        viewer_session_seconds: A player that polls no playlist for this long has to start anew.
        viewer_count_delay_seconds: Into a stream, the viewer count is -1 for this long.
        thumbnail_seconds: The least time between two live thumbnails of a channel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    rtmp_port: Annotated[int, Field(ge=0, le=65535)] = 1935
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8935
    state_dir: Path | None = None
    events_url: str = ""
    s3_endpoint: str = ""
    recordings_enabled: bool = True
    public_http_url: str = ""
    public_rtmp_address: str = ""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "us-east-1"
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")] = "000000000000"
    is_throttled: bool = True
    throttle_burst_seconds: Seconds = 1.0
    max_channels: int = 20_000
    max_playback_key_pairs: int = 3
    max_recording_configurations: int = 20
    max_playback_restriction_policies: int = 50
    handshake_timeout_seconds: Seconds = 5.0
    publish_timeout_seconds: Seconds = 10.0
    max_waiting_connections: int = 512
    max_message_bytes: int = 8 * 1024 * 1024
    starvation_seconds: Seconds = 3.0
    frozen_seconds: Seconds = 10.0
    min_segment_seconds: Seconds = 0.9
    max_segment_seconds: Seconds = 10.0
    window_seconds: Seconds = 20.0
    reconnect_seconds: Annotated[float, Field(ge=0)] = 10.0
    viewer_idle_seconds: Seconds = 10.0
    viewer_session_seconds: Seconds = 300.0
    viewer_count_delay_seconds: Annotated[float, Field(ge=0)] = 5.0
    thumbnail_seconds: Seconds = 5.0
