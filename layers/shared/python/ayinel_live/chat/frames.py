"""From a stored message to the events that tell of it."""

from __future__ import annotations

from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.connections.frames import (
    MessageFrame,
    MessageHeldFrame,
    MessageRejectedFrame,
    MessageUpdatedFrame,
)
from ayinel_live.moderation.model import REASONS, Category

DENIED = "denied"
_DENIED_DETAIL = "A moderator decided not to show your message."
_REJECTED_DETAIL = "Your message does not fit the rules of this chat."

MessageEvent = MessageFrame | MessageUpdatedFrame | MessageHeldFrame | MessageRejectedFrame


def event_for(message: ChatMessage, viewer_id: str, *, is_staff: bool) -> MessageEvent | None:
    """Return the event that brings one viewer up to date about a message, or None.

    Args:
        message: The message as it is now.
        viewer_id: The viewer.
        is_staff: Whether the viewer may see what waits for a moderator.
    """
    match message.status:
        case MessageStatus.SHOWN:
            return shown_frame(message) if message.version == 1 else updated_frame(message)
        case MessageStatus.REMOVED:
            return updated_frame(message)
        case MessageStatus.HELD if is_staff or message.user_id == viewer_id:
            return held_frame(message, is_staff=is_staff)
        case MessageStatus.REJECTED if message.user_id == viewer_id:
            return rejected_frame(message)
        case _:
            return None


def shown_frame(message: ChatMessage) -> MessageFrame:
    """Return the event that a message is shown."""
    return MessageFrame(
        id=message.message_id,
        stream_id=message.stream_id,
        user_id=message.user_id,
        display_name=message.display_name,
        role=message.role,
        message=message.message,
        timestamp=message.timestamp,
        is_moderated=message.is_moderated,
        client_message_id=message.client_message_id,
        change_id=message.changed_at or message.message_id,
        version=message.version,
    )


def updated_frame(message: ChatMessage) -> MessageUpdatedFrame:
    """Return the event that a message is shown after all, or was removed: then without its text."""
    is_shown = message.status is MessageStatus.SHOWN
    return MessageUpdatedFrame(
        id=message.message_id,
        stream_id=message.stream_id,
        status="shown" if is_shown else "removed",
        user_id=message.user_id,
        display_name=message.display_name if is_shown else None,
        role=message.role if is_shown else None,
        message=message.message if is_shown else None,
        timestamp=message.timestamp,
        is_moderated=message.is_moderated,
        change_id=message.changed_at or message.message_id,
        version=message.version,
    )


def held_frame(message: ChatMessage, *, is_staff: bool) -> MessageHeldFrame:
    """Return the event that a message waits: to moderators with what they decide on."""
    return MessageHeldFrame(
        id=message.message_id,
        stream_id=message.stream_id,
        user_id=message.user_id,
        client_message_id=message.client_message_id,
        display_name=message.display_name if is_staff else None,
        message=message.message if is_staff else None,
        categories=message.categories if is_staff else (),
        timestamp=message.timestamp,
        version=message.version,
    )


def rejected_frame(message: ChatMessage) -> MessageRejectedFrame:
    """Return the event that a message will not be shown, with the reason in fixed words."""
    reason, detail = reason_for(message)
    return MessageRejectedFrame(
        id=message.message_id,
        stream_id=message.stream_id,
        client_message_id=message.client_message_id,
        reason=reason,
        detail=detail,
        version=message.version,
    )


def reason_for(message: ChatMessage) -> tuple[str, str]:
    """Return the code and the sentence that tell a sender why, free of the message's words."""
    if message.decided_by is not None:
        return DENIED, _DENIED_DETAIL
    return sentence_for(message.categories)


def sentence_for(categories: tuple[str, ...]) -> tuple[str, str]:
    """Return the code and the sentence for the heaviest category.

    Args:
        categories: What counted towards the verdict, heaviest first.
    """
    if not categories:
        return "rejected", _REJECTED_DETAIL
    try:
        return categories[0], REASONS[Category(categories[0])]
    except (KeyError, ValueError):
        return categories[0], _REJECTED_DETAIL
