"""From a record of a table's stream to news: pure, one record at a time, in any order.

Records of one item come in order, those of two items need not. So each event carries the version
of its item, and nothing here remembers an earlier record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.fan_out.images import BadImageError, Image
from ayinel_live.fan_out.member_changes import member_news
from ayinel_live.fan_out.message_changes import message_news
from ayinel_live.fan_out.news import News
from ayinel_live.fan_out.stream_changes import audience_news, invitation_news, stream_news
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem

Record: TypeAlias = Mapping[str, Any]
_Reader: TypeAlias = Callable[[Image | None, Image | None], Iterator[News]]

_TTL_PRINCIPAL = "dynamodb.amazonaws.com"
_READERS: Mapping[str, _Reader] = {
    ChatMessageItem.logical_name: message_news,
    AudienceItem.logical_name: audience_news,
    StreamItem.logical_name: stream_news,
    MemberItem.logical_name: member_news,
    InvitationItem.logical_name: invitation_news,
}
TABLES = tuple(_READERS)


class PoisonRecordError(Exception):
    """A record that cannot be understood, now or ever; the text is the reason."""


def news_of(record: Record, tables: Mapping[str, str]) -> tuple[News, ...]:
    """Return what a record tells whom.

    Args:
        record: Of a DynamoDB stream, as Lambda hands it over.
        tables: Logical name by physical table name.

    Raises:
        PoisonRecordError: The record is not one of our tables', or breaks their definition.
    """
    try:
        table = str(record["eventSourceARN"]).split("/")[1]
        reader = _READERS[tables[table]]
        if _is_expiry(record):
            return ()
        images = record["dynamodb"]
        return tuple(reader(images.get("OldImage"), images.get("NewImage")))
    except BadImageError as error:
        raise PoisonRecordError(str(error)) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # The text of these may quote what people wrote.
        raise PoisonRecordError(type(error).__name__) from error


def _is_expiry(record: Record) -> bool:
    """Whether TTL deleted the item: garbage collection, which nobody needs to hear of."""
    identity = record.get("userIdentity") or {}
    return record.get("eventName") == "REMOVE" and identity.get("principalId") == _TTL_PRINCIPAL
