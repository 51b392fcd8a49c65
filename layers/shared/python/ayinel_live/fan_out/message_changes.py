"""What a change in ChatMessages tells whom."""

from __future__ import annotations

from collections.abc import Iterator

from ayinel_live.chat.frames import held_frame, rejected_frame, shown_frame, updated_frame
from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.fan_out.images import (
    Image,
    flag,
    optional_text,
    text,
    texts,
    whole,
)
from ayinel_live.fan_out.news import ForEveryone, ForPerson, ForStaff, News, event_of


def message_news(old: Image | None, new: Image | None) -> Iterator[News]:
    """Yield what a changed message tells whom.

    A message is told of when it is new, or when its last visible change is another one; a verdict
    that changes nothing to see is no news.

    Args:
        old: The image before, None where the message is new.
        new: The image after, None where the message was deleted.
    """
    if new is None:
        if old is not None:
            yield from _erased(_message_from(old))
        return
    if old is not None and _change(old) == _change(new):
        return
    message = _message_from(new)
    before = MessageStatus(text(old, ChatMessageItem.status)) if old is not None else None
    yield from _told(message, was_shown=before is MessageStatus.SHOWN, was_held=before is _HELD)


_HELD = MessageStatus.HELD


def _told(message: ChatMessage, *, was_shown: bool, was_held: bool) -> Iterator[News]:
    stream_id = message.stream_id
    if message.status is MessageStatus.SHOWN:
        frame = shown_frame(message) if message.version == 1 else updated_frame(message)
        yield ForEveryone(stream_id, event_of(frame))
        return
    if was_shown:
        # Whatever became of it, it is shown no longer.
        yield ForEveryone(stream_id, event_of(updated_frame(message)))
    elif was_held and message.status is not _HELD:
        # Moderators take it off their queue.
        yield ForStaff(stream_id, message.owner_id, event_of(updated_frame(message)))
    if message.status is _HELD:
        mine = held_frame(message, is_staff=False)
        yield ForPerson(stream_id, message.user_id, event_of(mine))
        theirs = held_frame(message, is_staff=True)
        yield ForStaff(stream_id, message.owner_id, event_of(theirs))
    elif message.status is MessageStatus.REJECTED:
        yield ForPerson(stream_id, message.user_id, event_of(rejected_frame(message)))


def _erased(message: ChatMessage) -> Iterator[News]:
    """A message that is erased while it is on people's screens is taken off them."""
    if message.status is MessageStatus.SHOWN:
        gone = {"status": MessageStatus.REMOVED, "version": message.version + 1}
        yield ForEveryone(
            message.stream_id, event_of(updated_frame(message.model_copy(update=gone)))
        )


def _change(image: Image) -> tuple[str | None, str]:
    return optional_text(image, ChatMessageItem.changed_at), text(image, ChatMessageItem.status)


def _message_from(image: Image) -> ChatMessage:
    return ChatMessage.model_validate(
        {
            "stream_id": text(image, ChatMessageItem.stream_id),
            "message_id": text(image, ChatMessageItem.message_id),
            "owner_id": text(image, ChatMessageItem.owner_id),
            "user_id": text(image, ChatMessageItem.user_id),
            "display_name": text(image, ChatMessageItem.display_name),
            "role": text(image, ChatMessageItem.role),
            "message": text(image, ChatMessageItem.message),
            "client_message_id": text(image, ChatMessageItem.client_message_id),
            "status": text(image, ChatMessageItem.status),
            "is_moderated": flag(image, ChatMessageItem.is_moderated),
            "version": whole(image, ChatMessageItem.version, 1),
            "changed_at": optional_text(image, ChatMessageItem.changed_at),
            "categories": texts(image, ChatMessageItem.categories),
            "decided_by": optional_text(image, ChatMessageItem.decided_by),
        }
    )
