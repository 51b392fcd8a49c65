"""The house's own stream, in whose chat the canary sings: unlisted, and on air for nobody."""

from __future__ import annotations

from datetime import datetime

from pynamodb.exceptions import PutError

from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.names import HOUSE_STREAM_ID, HOUSE_USER_ID
from ayinel_live.runtime.outages import refusal_code
from ayinel_live.streams.broadcast import Broadcast
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import LiveStream, Visibility
from ayinel_live.streams.records import StreamRecord, item_from
from ayinel_live.video.model import Quality


def ensure_house_stream(channel_arn: str, now: datetime) -> bool:
    """Make the house's stream where it is not there yet.

    It is left out of the index of unfinished streams, so that nobody ends it for want of a push.

    Args:
        channel_arn: The house's video channel; empty where there is no video.
        now: The time.

    Returns:
        Whether it was made now.
    """
    stream = LiveStream(
        stream_id=HOUSE_STREAM_ID,
        user_id=HOUSE_USER_ID,
        title="House stream",
        visibility=Visibility.UNLISTED,
        quality=Quality("720p"),
        rtmp_url="",
        playback_url="",
        created_at=now,
        updated_at=now,
    )
    facts = Broadcast(created_at=to_milliseconds(now))
    item = item_from(StreamRecord(stream, channel_arn or "none", facts, is_ready=True))
    item.unfinished = None
    try:
        item.save(condition=StreamItem.stream_id.does_not_exist())
    except PutError as error:
        if refusal_code(error) == "ConditionalCheckFailedException":
            return False
        raise
    return True
