"""Operations on live streams and on the sessions of a channel."""

from pydantic import JsonValue

from local.video.broadcast import Broadcast
from local.video.broadcasts import Broadcasts
from local.video.clock import utc_now
from local.video.control import requests
from local.video.control.errors import NotBroadcastingError, NotFoundError, ValidationError
from local.video.resources import JsonObject, StreamSession
from local.video.settings import VideoSettings
from local.video.store import Store
from local.video.timed_metadata import MAX_METADATA_BYTES
from local.video.viewer_sessions import ViewerSessions

UNKNOWN_COUNT = -1


class StreamOperations:
    """Show, stop and annotate streams; show sessions."""

    def __init__(
        self,
        settings: VideoSettings,
        store: Store,
        broadcasts: Broadcasts,
        viewers: ViewerSessions,
    ) -> None:
        self._settings = settings
        self._store = store
        self._broadcasts = broadcasts
        self._viewers = viewers

    def get_stream(self, request: JsonObject) -> JsonObject:
        """Show the live stream of a channel."""
        broadcast = self._find_live(requests.text(request, "channelArn"))
        stream = self._summary(broadcast)
        stream["playbackUrl"] = broadcast.channel.playback_url
        return {"stream": stream}

    def list_streams(self, request: JsonObject) -> JsonObject:
        """Show a page of live streams."""
        wanted = request.get("filterBy")
        health = wanted.get("health") if isinstance(wanted, dict) else None
        summaries = [self._summary(broadcast) for broadcast in self._broadcasts.live()]
        shown = [summary for summary in summaries if health in (None, summary["health"])]
        return requests.page("streams", shown, request)

    def stop_stream(self, request: JsonObject) -> JsonObject:
        """Cut a publisher off."""
        channel_arn = self._known(requests.text(request, "channelArn"))
        broadcast = self._broadcasts.active(channel_arn)
        if broadcast is None:
            raise NotBroadcastingError("The channel is not live")
        broadcast.on_end(was_clean=True)
        return {}

    def put_metadata(self, request: JsonObject) -> None:
        """Send a text to the players of a live stream."""
        text = requests.text(request, "metadata")
        if len(text.encode()) > MAX_METADATA_BYTES:
            raise ValidationError("The metadata is longer than 1 KB")
        self._find_live(requests.text(request, "channelArn")).put_metadata(text)

    def get_stream_session(self, request: JsonObject) -> JsonObject:
        """Show a session, the newest if none is named."""
        sessions = self._store.sessions_of_channel(
            self._known(requests.text(request, "channelArn"))
        )
        wanted = requests.text(request, "streamId")
        for session in sessions:
            if wanted in ("", session.stream_id):
                return {"streamSession": _described(session)}
        raise NotFoundError("The stream session does not exist")

    def list_stream_sessions(self, request: JsonObject) -> JsonObject:
        """Show a page of a channel's sessions, the newest first."""
        channel_arn = self._known(requests.text(request, "channelArn"))
        members = ("streamId", "startTime", "endTime", "hasErrorEvent")
        summaries = [
            requests.given(session.answer(), members)
            for session in self._store.sessions_of_channel(channel_arn)
        ]
        return requests.page("streamSessions", summaries, request)

    def _summary(self, broadcast: Broadcast) -> JsonObject:
        assert broadcast.live_since is not None
        live_seconds = (utc_now() - broadcast.live_since).total_seconds()
        is_known = live_seconds >= self._settings.viewer_count_delay_seconds
        count = self._viewers.count(broadcast.channel.arn) if is_known else UNKNOWN_COUNT
        return {
            "channelArn": broadcast.channel.arn,
            "streamId": broadcast.stream_id,
            "startTime": broadcast.live_since.isoformat(),
            "state": "LIVE",
            "health": "STARVING" if broadcast.is_starving else "HEALTHY",
            "viewerCount": count,
        }

    def _find_live(self, channel_arn: str) -> Broadcast:
        broadcast = self._broadcasts.active(self._known(channel_arn))
        if broadcast is None or broadcast.live_since is None:
            raise NotBroadcastingError("The channel is not live")
        return broadcast

    def _known(self, channel_arn: str) -> str:
        if self._store.channels.get(channel_arn) is None:
            raise NotFoundError("The channel does not exist")
        return channel_arn


def _described(session: StreamSession) -> JsonObject:
    members = ("streamId", "startTime", "endTime", "channel", "ingestConfiguration")
    described = requests.given(
        session.answer(), (*members, "recordingConfiguration", "truncatedEvents")
    )
    ingest = described.get("ingestConfiguration")
    if isinstance(ingest, dict):
        video: list[JsonValue] = [ingest["video"]]
        audio: list[JsonValue] = [ingest["audio"]] if "audio" in ingest else []
        described["ingestConfigurations"] = {
            "videoConfigurations": video,
            "audioConfigurations": audio,
        }
    return described
