"""A stream's chat messages as the audience's count takes them."""

from __future__ import annotations

from collections.abc import Iterator

from ayinel_live.audience.changes import counted_message
from ayinel_live.audience.counting import Counted
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime.clock import from_rfc3339, to_milliseconds


def counted_messages(stream_id: str) -> Iterator[Counted]:
    """Yield a stream's messages and their senders, a sender once for each message.

    Args:
        stream_id: The stream.
    """
    for item in ChatMessageItem.query(stream_id):
        yield from counted_message(
            item.message_id,
            item.user_id,
            version=int(item.version),
            sent_at=to_milliseconds(from_rfc3339(item.timestamp)),
            status=item.status,
            is_moderated=bool(item.is_moderated),
        )
