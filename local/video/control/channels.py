"""Operations on channels and their stream keys."""

from collections.abc import Callable

from pydantic import JsonValue

from local.video.arns import Names
from local.video.broadcasts import Broadcasts
from local.video.control import requests
from local.video.control.errors import (
    ConflictError,
    NotFoundError,
    QuotaExceededError,
    ValidationError,
)
from local.video.resources import Channel, JsonObject, StreamKey
from local.video.settings import VideoSettings
from local.video.store import Store

SUMMARY_MEMBERS = (
    "arn",
    "name",
    "latencyMode",
    "authorized",
    "recordingConfigurationArn",
    "tags",
    "insecureIngest",
    "type",
    "preset",
    "playbackRestrictionPolicyArn",
)
CONFIGURABLE_MEMBERS = (
    "name",
    "latencyMode",
    "type",
    "authorized",
    "recordingConfigurationArn",
    "insecureIngest",
    "preset",
    "playbackRestrictionPolicyArn",
    "multitrackInputConfiguration",
    "containerFormat",
)
ADVANCED_TYPES = ("ADVANCED_SD", "ADVANCED_HD")


class ChannelOperations:
    """Create, read, update, delete channels and keys.

    ``ingestEndpoint`` is ``host:port`` of the RTMP server here; the product writes
    ``rtmp://{ingestEndpoint}/app/`` where ``insecureIngest`` is set and the endpoint has a port,
    and ``rtmps://{ingestEndpoint}:443/app/`` on AWS.
    """

    def __init__(
        self,
        settings: VideoSettings,
        store: Store,
        names: Names,
        broadcasts: Broadcasts,
        addresses: Callable[[], tuple[str, str]],
    ) -> None:
        """Prepare to answer.

        Args:
            settings: Quotas.
            store: Where channels are kept.
            names: Makes ARNs and keys.
            broadcasts: Tells which channels are live.
            addresses: Returns the public HTTP address and the RTMP address.
        """
        self._settings = settings
        self._store = store
        self._names = names
        self._broadcasts = broadcasts
        self._addresses = addresses

    def readdress(self) -> None:
        """Give the channels of an earlier run the addresses of this one."""
        for channel in self._store.channels:
            addressed = self._addressed(channel)
            if addressed != channel:
                self._store.channels.put(addressed)

    def _addressed(self, channel: Channel) -> Channel:
        http_url, rtmp_address = self._addresses()
        playback_url = http_url + self._names.playback_path(channel.resource_id)
        addresses = {"ingest_endpoint": rtmp_address, "playback_url": playback_url}
        return channel.model_copy(update=addresses)

    def create_channel(self, request: JsonObject) -> JsonObject:
        """Make a channel and its key."""
        if len(self._store.channels) >= self._settings.max_channels:
            raise QuotaExceededError("The quota of channels is reached")
        channel = Channel(arn=self._names.arn("channel"), tags=requests.tags(request))
        channel = self._configure(self._addressed(channel), request)
        stream_key = self._new_key(channel, channel.tags)
        self._store.channels.put(channel)
        self._store.stream_keys.put(stream_key)
        return {"channel": channel.answer(), "streamKey": stream_key.answer()}

    def get_channel(self, request: JsonObject) -> JsonObject:
        """Show a channel."""
        return {"channel": self._find(requests.text(request, "arn")).answer()}

    def batch_get_channel(self, request: JsonObject) -> JsonObject:
        """Show several channels."""
        found, errors = _batch(requests.texts(request, "arns"), self._store.channels.get)
        return {"channels": found, "errors": errors}

    def list_channels(self, request: JsonObject) -> JsonObject:
        """Show a page of channels."""
        name = requests.text(request, "filterByName")
        configuration = request.get("filterByRecordingConfigurationArn")
        policy = request.get("filterByPlaybackRestrictionPolicyArn")
        summaries = [
            {
                member: value
                for member, value in channel.answer().items()
                if member in SUMMARY_MEMBERS
            }
            for channel in self._store.channels
            if (not name or channel.name == name)
            and configuration in (None, channel.recording_configuration_arn)
            and policy in (None, channel.playback_restriction_policy_arn)
        ]
        return requests.page("channels", summaries, request)

    def update_channel(self, request: JsonObject) -> JsonObject:
        """Change a channel that is not live."""
        channel = self._find(requests.text(request, "arn"))
        self._refuse_if_live(channel)
        channel = self._configure(channel, request)
        self._store.channels.put(channel)
        return {"channel": channel.answer()}

    def delete_channel(self, request: JsonObject) -> None:
        """Delete a channel that is not live, and its key."""
        channel = self._find(requests.text(request, "arn"))
        self._refuse_if_live(channel)
        for stream_key in self._store.keys_of_channel(channel.arn):
            self._store.stream_keys.remove(stream_key.arn)
        self._store.channels.remove(channel.arn)

    def create_stream_key(self, request: JsonObject) -> JsonObject:
        """Make the key of a channel that has none."""
        channel = self._find(requests.text(request, "channelArn"))
        if self._store.keys_of_channel(channel.arn):
            raise QuotaExceededError("The channel has a stream key already")
        stream_key = self._new_key(channel, requests.tags(request))
        self._store.stream_keys.put(stream_key)
        return {"streamKey": stream_key.answer()}

    def get_stream_key(self, request: JsonObject) -> JsonObject:
        """Show a key with its secret."""
        return {"streamKey": self._find_key(requests.text(request, "arn")).answer()}

    def batch_get_stream_key(self, request: JsonObject) -> JsonObject:
        """Show several keys with their secrets."""
        found, errors = _batch(requests.texts(request, "arns"), self._store.stream_keys.get)
        return {"streamKeys": found, "errors": errors}

    def list_stream_keys(self, request: JsonObject) -> JsonObject:
        """Show the keys of a channel, without secrets."""
        channel = self._find(requests.text(request, "channelArn"))
        summaries = []
        for stream_key in self._store.keys_of_channel(channel.arn):
            summary = stream_key.answer()
            del summary["value"]
            summaries.append(summary)
        return requests.page("streamKeys", summaries, request)

    def delete_stream_key(self, request: JsonObject) -> None:
        """Delete a key; who publishes with it goes on until stopped."""
        stream_key = self._find_key(requests.text(request, "arn"))
        self._store.stream_keys.remove(stream_key.arn)

    def _configure(self, channel: Channel, request: JsonObject) -> Channel:
        changes = requests.given(request, CONFIGURABLE_MEMBERS)
        changed = channel.changed(changes)
        is_advanced = changed.type in ADVANCED_TYPES
        if "preset" in changes and not is_advanced:
            raise ValidationError("A preset needs a channel of type ADVANCED_SD or ADVANCED_HD")
        default = "HIGHER_BANDWIDTH_DELIVERY" if is_advanced else ""
        preset = changed.preset if is_advanced and changed.preset else default
        self._check_references(changed)
        return changed.model_copy(update={"preset": preset})

    def _check_references(self, channel: Channel) -> None:
        recording = channel.recording_configuration_arn
        if recording and self._store.recording_configurations.get(recording) is None:
            raise NotFoundError("The recording configuration does not exist")
        policy = channel.playback_restriction_policy_arn
        if policy and self._store.playback_restriction_policies.get(policy) is None:
            raise NotFoundError("The playback restriction policy does not exist")

    def _refuse_if_live(self, channel: Channel) -> None:
        if self._broadcasts.active(channel.arn) is not None:
            raise ConflictError("The channel is live")

    def _new_key(self, channel: Channel, tags: dict[str, str]) -> StreamKey:
        return StreamKey(
            arn=self._names.arn("stream-key"),
            value=self._names.stream_key(),
            channel_arn=channel.arn,
            tags=tags,
        )

    def _find(self, arn: str) -> Channel:
        channel = self._store.channels.get(arn)
        if channel is None:
            raise NotFoundError("The channel does not exist")
        return channel

    def _find_key(self, arn: str) -> StreamKey:
        stream_key = self._store.stream_keys.get(arn)
        if stream_key is None:
            raise NotFoundError("The stream key does not exist")
        return stream_key


def _batch(
    arns: list[str], get: Callable[[str], Channel | StreamKey | None]
) -> tuple[list[JsonValue], list[JsonValue]]:
    found: list[JsonValue] = []
    errors: list[JsonValue] = []
    for arn in dict.fromkeys(arns):
        record = get(arn)
        if record is not None:
            found.append(record.answer())
        else:
            message = "The resource does not exist"
            errors.append({"arn": arn, "code": NotFoundError.code, "message": message})
    return found, errors
