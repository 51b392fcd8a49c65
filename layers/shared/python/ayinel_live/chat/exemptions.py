"""What moderation asks of the creator and moderators less than of viewers."""

from __future__ import annotations

from ayinel_live.channels.chat_settings import ChatSettings
from ayinel_live.chat.model import SenderRole
from ayinel_live.moderation.model import ModerationSettings


def moderation_for(role: SenderRole, settings: ChatSettings) -> ModerationSettings:
    """Return the settings that a sender's message is judged by: staff may always post links.

    Args:
        role: What the sender is.
        settings: The channel's.
    """
    moderation = settings.moderation
    if role == "viewer" or moderation.links_allowed:
        return moderation
    # Not a copy: that would keep the digest of the settings it was made from.
    return ModerationSettings(**{**dict(moderation), "links_allowed": True})
