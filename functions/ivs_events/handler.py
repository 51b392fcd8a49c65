"""One event of Amazon IVS in, the stream's new state out.

A fault that may pass is raised, so that Lambda tries again; an event of no known shape is recorded
and let go, since no retry would change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.channels.store import ChannelItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime import metrics
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import StreamState
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import VideoWorkQueue
from ayinel_live.video.ivs_events import MalformedEventError, video_event_from
from ayinel_live.video.model import VideoEvent, VideoEventKind
from functions.ivs_events.settings import IvsEventsSettings

settings = IvsEventsSettings.from_environment()
bind_table(ChannelItem, settings.channels_table)
bind_table(StreamItem, settings.streams_table)
logger = Logger(service="ivs_events")
telemetry = Telemetry("ivs_events", settings.stage, logger)
observer = StreamObserver(StreamStore(), ChannelStore())
video_work = VideoWorkQueue(partial(aws_client, "sqs"), settings.video_work_queue_url)


# A recording's first picture lies there about when its start is told; where it does not yet, the
# reconciler asks again.
_TELLING_OF_PICTURES = (VideoEventKind.RECORDING_STARTED, VideoEventKind.RECORDING_ENDED)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> None:
    """Take in one event.

    Args:
        event: The EventBridge envelope.
        context: Not needed.
    """
    try:
        told = video_event_from(event)
    except MalformedEventError as error:
        telemetry.count(metrics.EVENTS_SET_ASIDE)
        logger.warning("event_set_aside", reason=str(error), event_id=event.get("id"))
        return
    if told is None:
        logger.info("event_ignored", detail_type=event.get("detail-type"))
        return
    learned = observer.learn(told)
    if learned is None:
        logger.info("event_of_no_stream", kind=told.kind, channel_id=told.channel_id)
        return
    before, after = learned
    _count(told, before.stream.status, after.stream.status)
    logger.info(
        "event_learned",
        kind=told.kind,
        stream_id=after.stream.stream_id,
        status_before=before.stream.status,
        status=after.stream.status,
    )
    if after != before:
        _ask_what_is_new(after.stream.stream_id, told)


def _count(told: VideoEvent, before: StreamState, after: StreamState) -> None:
    telemetry.count(metrics.EVENTS_LEARNED)
    if told.kind is VideoEventKind.STARVATION_STARTED:
        telemetry.count(metrics.STREAMS_STARVED)
    if after is before:
        return
    if after is StreamState.LIVE:
        telemetry.count(metrics.STREAMS_WENT_LIVE)
    elif after is StreamState.ENDED:
        telemetry.count(metrics.STREAMS_ENDED)


def _ask_what_is_new(stream_id: str, told: VideoEvent) -> None:
    now = utc_now()
    if told.kind is VideoEventKind.STREAM_STARTED:
        video_work.ask_for_ingest(stream_id, told.channel_id, told.session_id, now)
    elif told.kind in _TELLING_OF_PICTURES and told.recording is not None:
        facts = told.recording
        video_work.ask_for_pictures(stream_id, facts.bucket, facts.prefix, now)
