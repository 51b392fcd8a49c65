"""Changes of Invitations and Members in, revocations out.

Only the keys and images of the two tables are read; a record of no known shape is recorded and let
go, since no retry would change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.channels.model import Role
from ayinel_live.channels.store import ChannelItem, MemberItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.clock import to_milliseconds, utc_now
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.revocation import PlaybackRevocation
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import VideoWorkQueue
from functions.playback_revoker.settings import PlaybackRevokerSettings

settings = PlaybackRevokerSettings.from_environment()
bind_table(ChannelItem, settings.channels_table)
bind_table(StreamItem, settings.streams_table)
logger = Logger(service="playback_revoker")
telemetry = Telemetry("playback_revoker", settings.stage, logger)
revocation = PlaybackRevocation(
    StreamStore(),
    ChannelStore(),
    VideoWorkQueue(partial(aws_client, "sqs"), settings.video_work_queue_url),
)

Image = Mapping[str, Mapping[str, str]]


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Handle a batch; from the first record that fails on, everything comes again.

    Args:
        event: Records of a table's stream.
        context: Not needed.
    """
    for record in event["Records"]:
        change = record["dynamodb"]
        try:
            _revoke(change.get("OldImage") or {}, change.get("NewImage") or {})
        except (KeyError, TypeError, ValueError):
            logger.exception("record_set_aside", sequence=change["SequenceNumber"])
        except Exception:
            logger.exception("revocation_failed", sequence=change["SequenceNumber"])
            return {"batchItemFailures": [{"itemIdentifier": change["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def _revoke(old: Image, new: Image) -> None:
    now = utc_now()
    image = new or old
    if MemberItem.owner_id.attr_name in image:
        is_banned = _banned_until(new) > max(to_milliseconds(now), _banned_until(old))
        if is_banned or (_is_moderator(old) and not _is_moderator(new)):
            revocation.standing_lost(image["ownerId"]["S"], image["userId"]["S"], now)
    elif old and not new:
        revocation.invitation_lost(old["streamId"]["S"], old["userId"]["S"], now)


def _is_moderator(image: Image) -> bool:
    return image.get("role", {}).get("S") == Role.MODERATOR


def _banned_until(image: Image) -> float:
    return float(image.get("bannedUntil", {}).get("N", 0))
