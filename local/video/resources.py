"""What the control API keeps: channels, keys, key pairs, configurations, sessions.

The models have IVS's member names, so that an answer is the model itself. The limits of their
fields are not repeated here: requests are checked against botocore's service model.
"""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

JsonObject = dict[str, JsonValue]


class Record(BaseModel, ABC):
    """Something that is kept on a shelf of the store.

    Attributes:
        kind: The name of its shelf.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)
    kind: ClassVar[str]

    @property
    @abstractmethod
    def key(self) -> str:
        """Its name on the shelf."""

    def stored(self) -> str:
        """Returns the record as the store writes it."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

    def answer(self) -> JsonObject:
        """Returns the record as the API shows it: the members that are set, under IVS's names."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def changed(self, changes: JsonObject) -> Self:
        """Returns a copy with some members replaced.

        Args:
            changes: The new values under IVS's names.
        """
        members = self.model_dump(by_alias=True, exclude_none=True)
        return self.model_validate({**members, **changes})


class Resource(Record):
    """Something with an ARN and tags."""

    arn: str
    tags: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """The ARN."""
        return self.arn

    @property
    def resource_id(self) -> str:
        """The last part of the ARN."""
        return self.arn.rpartition("/")[2]


class Channel(Resource):
    """A channel; its members are those of the API."""

    kind = "channel"

    name: str = ""
    latency_mode: str = "LOW"
    type: str = "STANDARD"
    preset: str | None = None
    authorized: bool = False
    insecure_ingest: bool = False
    recording_configuration_arn: str = ""
    playback_restriction_policy_arn: str = ""
    ingest_endpoint: str = ""
    playback_url: str = ""
    container_format: str = "TS"
    multitrack_input_configuration: JsonObject | None = None


class StreamKey(Resource):
    """The secret that lets an encoder publish on a channel."""

    kind = "stream-key"

    value: str = Field(repr=False)
    channel_arn: str


class PlaybackKeyPair(Resource):
    """The public half of a key that signs playback tokens."""

    kind = "playback-key"

    name: str = ""
    fingerprint: str
    public_key_material: str = Field(repr=False)

    def answer(self) -> JsonObject:
        """Returns the pair without its key, which the API never shows."""
        answer = super().answer()
        del answer["publicKeyMaterial"]
        return answer


class S3Destination(BaseModel):
    """The bucket of a recording configuration."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    bucket_name: str


class RecordingDestination(BaseModel):
    """Where a recording configuration writes."""

    model_config = ConfigDict(frozen=True)

    s3: S3Destination


class ThumbnailConfiguration(BaseModel):
    """Whether, how often and where to a recording writes thumbnails."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    recording_mode: str = "INTERVAL"
    target_interval_seconds: int = 60
    resolution: str | None = None
    storage: tuple[str, ...] = ("SEQUENTIAL",)


class RecordingConfiguration(Resource):
    """How the broadcasts of a channel are recorded."""

    kind = "recording-configuration"

    name: str = ""
    destination_configuration: RecordingDestination
    state: str = "ACTIVE"
    thumbnail_configuration: ThumbnailConfiguration = ThumbnailConfiguration()
    recording_reconnect_window_seconds: int = 0
    rendition_configuration: JsonObject = {"renditionSelection": "ALL", "renditions": []}


class PlaybackRestrictionPolicy(Resource):
    """Where a channel may be played from."""

    kind = "playback-restriction-policy"

    name: str = ""
    allowed_countries: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    enable_strict_origin_enforcement: bool = False


class StreamEvent(BaseModel):
    """One line in the diary of a stream session."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    name: str
    type: str
    event_time: datetime
    code: str | None = None


class StreamSession(Record):
    """One connection of an encoder, from its accepted key to its end."""

    kind = "stream-session"

    channel_arn: str
    stream_id: str
    start_time: datetime
    end_time: datetime | None = None
    has_error_event: bool = False
    channel: Channel
    ingest_configuration: JsonObject | None = None
    recording_configuration: RecordingConfiguration | None = None
    truncated_events: tuple[StreamEvent, ...] = ()

    @property
    def key(self) -> str:
        """The stream id."""
        return self.stream_id


class OpenRecording(Record):
    """A recording that has begun and not ended, so that a crash can be told of.

    Attributes:
        channel_arn: The channel.
        channel_name: The channel's name.
        bucket: Where it goes.
        prefix: What its keys begin with.
        recording_id: The last part of the prefix.
        stream_ids: The sessions it holds, in order.
        started_at: When it began.
    """

    kind = "open-recording"

    channel_arn: str
    channel_name: str
    bucket: str
    prefix: str
    recording_id: str
    stream_ids: tuple[str, ...]
    started_at: datetime

    @property
    def key(self) -> str:
        """The prefix, of which each recording has its own."""
        return self.prefix


class Revocation(Record):
    """The viewer-session versions of one viewer of a channel that are no longer let in."""

    kind = "revocation"

    channel_arn: str
    viewer_id: str
    version: int

    @property
    def key(self) -> str:
        """Channel and viewer."""
        return f"{self.channel_arn} {self.viewer_id}"
