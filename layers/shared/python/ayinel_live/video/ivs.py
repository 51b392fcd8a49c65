"""Amazon IVS as a video provider, over botocore.

One stream key a channel: a new one takes deleting the old (IVS quota "stream keys per channel").
IVS allows five calls a second per operation for the whole account; refusals for rate are tried
again within the request's budget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from ayinel_live.runtime.clock import from_rfc3339
from ayinel_live.runtime.errors import UnsupportedError, UpstreamError
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.model import (
    Capabilities,
    ChannelAccess,
    ChannelBusyError,
    ChannelNotFoundError,
    IngestConfiguration,
    NotBroadcastingError,
    ProviderThrottledError,
    Quality,
    StreamKey,
    VideoChannel,
    VideoSession,
)

IngestScheme = Literal["rtmps", "rtmp"]

# Channel type and transcode preset for a picture (IVS, "Channel types"): ADVANCED_HD transcodes
# up to 720p, STANDARD up to 1080p. No type takes more than 1080p60, so that 4K has none.
CHANNEL_TYPES: Mapping[Quality, tuple[str, str]] = {
    Quality.HD: ("ADVANCED_HD", "HIGHER_BANDWIDTH_DELIVERY"),
    Quality.FULL_HD: ("STANDARD", ""),
}
CAPABILITIES = Capabilities(
    name="ivs",
    qualities=tuple(CHANNEL_TYPES),
    max_bitrate_bps=8_500_000,
    has_private_playback=True,
    has_timed_metadata=True,
)
_THROTTLED = frozenset({"ThrottlingException", "TooManyRequestsException", "Throttling"})
_PASSING = frozenset({"InternalServerException", "ServiceUnavailable", "StreamUnavailable"})
_RETRY_AFTER_SECONDS = 5.0
_PAGES = 1000

Answer = Mapping[str, Any]


class IvsProvider:
    """Amazon IVS.

    Args:
        client: Gives a botocore `ivs` client that tries once; asked when the first call is made.
        budget: The time that one request has.
        ingest_scheme: `rtmps` on AWS; `rtmp` for the stand-in on one machine.
        recording_configuration_arn: What recorded channels record with; "" records nothing.
    """

    def __init__(
        self,
        client: Callable[[], Any],
        budget: RequestBudget,
        *,
        ingest_scheme: IngestScheme = "rtmps",
        recording_configuration_arn: str = "",
    ) -> None:
        self._client = client
        self._budget = budget
        self._ingest_scheme = ingest_scheme
        self._recording_configuration_arn = recording_configuration_arn

    @property
    def capabilities(self) -> Capabilities:
        """What IVS can do."""
        return CAPABILITIES

    @property
    def can_record(self) -> bool:
        """Whether there is a recording configuration."""
        return bool(self._recording_configuration_arn)

    def create_channel(self, name: str, access: ChannelAccess, quality: Quality) -> VideoChannel:
        """Make a channel; the key that IVS makes with it stays unknown until it is revoked."""
        channel_type, preset = _type_of(quality)
        arguments: dict[str, object] = {
            "name": name,
            "type": channel_type,
            "latencyMode": "LOW",
            "authorized": access is ChannelAccess.AUTHORIZED,
            "insecureIngest": self._ingest_scheme == "rtmp",
            "recordingConfigurationArn": self._recording_configuration_arn,
        }
        if preset:
            arguments["preset"] = preset
        return _channel(self._call("create_channel", **arguments)["channel"])

    def find_channel(self, name: str) -> VideoChannel | None:
        """Return the channel of a name."""
        found = self._call("list_channels", filterByName=name)["channels"]
        if not found:
            return None
        return _channel(self._call("get_channel", arn=found[0]["arn"])["channel"])

    def configure_channel(self, channel_id: str, quality: Quality, *, is_recorded: bool) -> None:
        """Settle picture and recording of a channel that is off air.

        Raises:
            ChannelBusyError: It is on air.
            UnsupportedError: IVS cannot deliver the picture.
        """
        channel_type, preset = _type_of(quality)
        arn = self._recording_configuration_arn if is_recorded else ""
        arguments: dict[str, object] = {
            "arn": channel_id,
            "type": channel_type,
            "recordingConfigurationArn": arn,
        }
        if preset:
            arguments["preset"] = preset
        self._call("update_channel", **arguments)

    def rtmp_url(self, ingest_endpoint: str) -> str:
        """Return the address an encoder is given, without the key."""
        if self._ingest_scheme == "rtmps":
            return f"rtmps://{ingest_endpoint}:443/app/"
        return f"rtmp://{ingest_endpoint}/app/"

    def create_key(self, channel_id: str) -> StreamKey:
        """Make the channel's one key; there must be none."""
        answer = self._call("create_stream_key", channelArn=channel_id)
        return StreamKey(answer["streamKey"]["value"])

    def current_key(self, channel_id: str) -> StreamKey | None:
        """Return the channel's key, or None where it has none."""
        keys = self._call("list_stream_keys", channelArn=channel_id)["streamKeys"]
        if not keys:
            return None
        return StreamKey(self._call("get_stream_key", arn=keys[0]["arn"])["streamKey"]["value"])

    def revoke_keys(self, channel_id: str) -> None:
        """Delete every key of the channel."""
        for key in self._call("list_stream_keys", channelArn=channel_id)["streamKeys"]:
            try:
                self._call("delete_stream_key", arn=key["arn"])
            except ChannelNotFoundError:
                continue  # Gone between the two calls.

    def stop_broadcast(self, channel_id: str) -> bool:
        """Throw the encoder off; False where none was on."""
        try:
            self._call("stop_stream", channelArn=channel_id)
        except NotBroadcastingError:
            return False
        return True

    def live_session(self, channel_id: str) -> VideoSession | None:
        """Return the push that is on air."""
        try:
            stream = self._call("get_stream", channelArn=channel_id)["stream"]
        except NotBroadcastingError:
            return None
        return None if stream.get("state") == "OFFLINE" else _session(stream, channel_id)

    def recent_sessions(self, channel_id: str) -> tuple[VideoSession, ...]:
        """Return the channel's latest pushes, newest first."""
        answer = self._call("list_stream_sessions", channelArn=channel_id, maxResults=50)
        return tuple(_session(entry, channel_id) for entry in answer["streamSessions"])

    def live_sessions(self) -> tuple[VideoSession, ...]:
        """Return every push that is on air in the account, all pages."""
        sessions: list[VideoSession] = []
        token: str | None = None
        for _ in range(_PAGES):
            more = {} if token is None else {"nextToken": token}
            answer = self._call("list_streams", maxResults=100, **more)
            sessions.extend(
                _session(entry, entry["channelArn"])
                for entry in answer["streams"]
                if entry.get("state", "LIVE") == "LIVE" and entry.get("streamId")
            )
            token = answer.get("nextToken")
            if not token:
                return tuple(sessions)
        raise UpstreamError("The provider's list of streams does not end.")

    def ingest(self, channel_id: str, session_id: str) -> IngestConfiguration | None:
        """Return what the encoder of a push sends, or None while unknown."""
        try:
            answer = self._call("get_stream_session", channelArn=channel_id, streamId=session_id)
        except ChannelNotFoundError:
            return None
        return _ingest(answer["streamSession"])

    def put_metadata(self, channel_id: str, metadata: str) -> None:
        """Send data to the players within the video.

        Raises:
            NotBroadcastingError: Nobody pushes.
        """
        self._call("put_metadata", channelArn=channel_id, metadata=metadata)

    def revoke_viewer(self, channel_id: str, viewer_id: str, up_to_version: int) -> None:
        """End one viewer's private playback, for tokens up to a version."""
        self._call(
            "start_viewer_session_revocation",
            channelArn=channel_id,
            viewerId=viewer_id,
            viewerSessionVersionsLessThanOrEqualTo=up_to_version,
        )

    def delete_channel(self, channel_id: str) -> None:
        """Delete a channel with its keys; nothing where there is none."""
        try:
            self._call("delete_channel", arn=channel_id)
        except ChannelNotFoundError:
            return

    def import_playback_key(self, name: str, public_key_pem: str) -> str:
        """Let IVS accept playback tokens of a key pair; returns the pair's ARN."""
        answer = self._call("import_playback_key_pair", name=name, publicKeyMaterial=public_key_pem)
        arn: str = answer["keyPair"]["arn"]
        return arn

    def delete_playback_key(self, key_pair_arn: str) -> None:
        """Let IVS refuse playback tokens of a key pair; nothing where there is none."""
        try:
            self._call("delete_playback_key_pair", arn=key_pair_arn)
        except ChannelNotFoundError:
            return

    def _call(self, operation: str, **arguments: object) -> Answer:
        method: Callable[..., Answer] = getattr(self._client(), operation)
        while True:
            try:
                return method(**arguments)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code in _THROTTLED:
                    if self._budget.wait():
                        continue
                    raise ProviderThrottledError(
                        "The video service is busy.", retry_after_seconds=_RETRY_AFTER_SECONDS
                    ) from None
                if code in _PASSING and self._budget.wait():
                    continue
                raise _translated(code, operation) from None
            except BotoCoreError:
                # The text of the fault can hold the request, keys included: it goes no further.
                if self._budget.wait():
                    continue
                raise _translated("", operation) from None


def _translated(code: str, operation: str) -> Exception:
    match code:
        case "ResourceNotFoundException":
            return ChannelNotFoundError("The video service knows no such channel.")
        case "ChannelNotBroadcasting":
            return NotBroadcastingError("Nobody pushes to this stream.")
        case "ConflictException":
            return ChannelBusyError(
                "The channel is on air, or only just went off.",
            )
    return UpstreamError(
        f"The video service refused ({operation}).",
        retry_after_seconds=_RETRY_AFTER_SECONDS,
        extra={"providerCode": code} if code else None,
    )


def _type_of(quality: Quality) -> tuple[str, str]:
    try:
        return CHANNEL_TYPES[quality]
    except KeyError:
        raise UnsupportedError("The video service cannot deliver this quality.") from None


def _channel(answer: Answer) -> VideoChannel:
    is_authorized = answer.get("authorized", False)
    return VideoChannel(
        channel_id=answer["arn"],
        ingest_endpoint=answer["ingestEndpoint"],
        playback_url=answer["playbackUrl"],
        access=ChannelAccess.AUTHORIZED if is_authorized else ChannelAccess.OPEN,
    )


def _session(answer: Answer, channel_id: str) -> VideoSession:
    ended = answer.get("endTime")
    return VideoSession(
        session_id=answer.get("streamId", ""),
        started_at=_moment(answer["startTime"]),
        ended_at=_moment(ended) if ended else None,
        channel_id=channel_id,
    )


def _moment(value: datetime | str) -> datetime:
    return from_rfc3339(value) if isinstance(value, str) else value.astimezone(UTC)


def _ingest(session: Answer) -> IngestConfiguration | None:
    tracks = session.get("ingestConfigurations") or {}
    legacy = session.get("ingestConfiguration") or {}
    video = next(iter(tracks.get("videoConfigurations") or []), None) or legacy.get("video") or {}
    audio = next(iter(tracks.get("audioConfigurations") or []), None) or legacy.get("audio") or {}
    if not video and not audio:
        return None
    return IngestConfiguration(
        width=video.get("videoWidth"),
        height=video.get("videoHeight"),
        frames_per_second=video.get("targetFramerate"),
        video_bitrate_bps=video.get("targetBitrate"),
        video_codec=video.get("codec"),
        audio_bitrate_bps=audio.get("targetBitrate"),
        audio_codec=audio.get("codec"),
        encoder=video.get("encoder"),
    )
