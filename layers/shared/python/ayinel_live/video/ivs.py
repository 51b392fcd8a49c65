"""Amazon IVS as a video provider, over botocore.

One stream key a channel: a new one takes deleting the old (IVS quota "stream keys per channel").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

from ayinel_live.runtime.errors import UnsupportedError, UpstreamError
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.ivs_answers import channel_from, ingest_from, session_from
from ayinel_live.video.ivs_calls import Answer, IvsCalls
from ayinel_live.video.model import (
    Capabilities,
    ChannelAccess,
    ChannelNotFoundError,
    IngestConfiguration,
    NotBroadcastingError,
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
_PAGES = 1000


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
        self._call = IvsCalls(client, budget)
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
        answer = self._call.make("create_channel", partial(self._channel_named, name), arguments)
        return channel_from(answer["channel"])

    def find_channel(self, name: str) -> VideoChannel | None:
        """Return the channel of a name."""
        answer = self._channel_named(name)
        return None if answer is None else channel_from(answer["channel"])

    def _channel_named(self, name: str) -> Answer | None:
        found = self._call("list_channels", filterByName=name)["channels"]
        return self._call("get_channel", arn=found[0]["arn"]) if found else None

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
        return None if stream.get("state") == "OFFLINE" else session_from(stream, channel_id)

    def recent_sessions(self, channel_id: str) -> tuple[VideoSession, ...]:
        """Return the channel's latest pushes, newest first."""
        answer = self._call("list_stream_sessions", channelArn=channel_id, maxResults=50)
        return tuple(session_from(entry, channel_id) for entry in answer["streamSessions"])

    def live_sessions(self) -> tuple[VideoSession, ...]:
        """Return every push that is on air in the account, all pages."""
        sessions: list[VideoSession] = []
        token: str | None = None
        for _ in range(_PAGES):
            more = {} if token is None else {"nextToken": token}
            answer = self._call("list_streams", maxResults=100, **more)
            sessions.extend(
                session_from(entry, entry["channelArn"])
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
        return ingest_from(answer["streamSession"])

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
        answer = self._call.make(
            "import_playback_key_pair",
            partial(self._key_pair_named, name),
            {"name": name, "publicKeyMaterial": public_key_pem},
        )
        arn: str = answer["keyPair"]["arn"]
        return arn

    def playback_keys(self) -> dict[str, str]:
        """Return the ARNs of all key pairs of the account, by name; IVS allows three."""
        pairs = self._call("list_playback_key_pairs", maxResults=100)["keyPairs"]
        return {pair.get("name", ""): pair["arn"] for pair in pairs}

    def _key_pair_named(self, name: str) -> Answer | None:
        arn = self.playback_keys().get(name)
        return None if arn is None else {"keyPair": {"arn": arn}}

    def delete_playback_key(self, key_pair_arn: str) -> None:
        """Let IVS refuse playback tokens of a key pair; nothing where there is none."""
        try:
            self._call("delete_playback_key_pair", arn=key_pair_arn)
        except ChannelNotFoundError:
            return


def _type_of(quality: Quality) -> tuple[str, str]:
    try:
        return CHANNEL_TYPES[quality]
    except KeyError:
        raise UnsupportedError("The video service cannot deliver this quality.") from None
