"""Settings of the streams API."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class StreamsApiSettings(FunctionSettings):
    """The environment of the streams API.

    Attributes:
        token_issuer: The `iss` of tokens.
        token_jwks_url: Where the issuer's keys lie.
        token_audiences: Accepted audiences, separated by commas.
        operator_group: The group whose members are operators.
        video_provider: Who carries the video.
        ingest_scheme: Whether encoders push over TLS.
        recording_configuration_arn: What channels record with; "" records nothing.
        playback_key_secret_arn: Holds the playback signing keys; "" allows no private playback.
        web_origin: The site whose pages may play private streams; "" for any.
        recordings_url: Where recordings are served from; "" serves none.
        recordings_secret_arn: Holds the key that signs recordings' addresses; "" signs none.
        recording_retention_days: How long recordings are kept from their start; 0 for good.
        erasure_queue_url: Where deletions go.
        origin_secret_arn: The secret that CloudFront shows; "" where it does not stand before.
    """

    channels_table: str
    streams_table: str
    members_table: str
    invitations_table: str
    moderation_log_table: str
    reports_table: str
    audience_table: str
    idempotency_table: str
    token_issuer: str
    token_jwks_url: str
    token_audiences: str
    operator_group: str = ""
    video_provider: Literal["ivs"] = "ivs"
    ingest_scheme: Literal["rtmps", "rtmp"] = "rtmps"
    recording_configuration_arn: str = ""
    playback_key_secret_arn: str = ""
    web_origin: str = ""
    recordings_url: str = ""
    recordings_secret_arn: str = ""
    recording_retention_days: int = 0
    erasure_queue_url: str = ""
    origin_secret_arn: str = ""

    @property
    def audiences(self) -> tuple[str, ...]:
        """The accepted audiences."""
        return tuple(part.strip() for part in self.token_audiences.split(",") if part.strip())
