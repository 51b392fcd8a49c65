"""What a creator may set about the chat of the channel, for all of its streams."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from ayinel_live.moderation.model import ModerationSettings
from ayinel_live.runtime.wire import WireModel

SLOW_MODE_SECONDS_MAX = 3600
CHAT_DELAY_SECONDS_MAX = 30
FOLLOWER_AGE_SECONDS_MAX = 90 * 24 * 3600


class Participants(StrEnum):
    """Who may write: everybody, who is signed in, who follows the channel, moderators alone."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed-in"
    FOLLOWERS = "followers"
    MODERATORS = "moderators"


class ChatSettings(WireModel):
    """The settings of a channel's chat; the defaults suit a new channel.

    Attributes:
        participants: Who may write. The creator and moderators always may.
        follower_age_seconds: How long one must have followed, where followers alone may write.
        slow_mode_seconds: Least time between two messages of one person; 0 turns it off. The
            creator and moderators are exempt.
        chat_delay_seconds: How long a message waits before viewers see it, so that moderators can
            take it away first; 0 turns it off.
        moderation: What is let through, held and rejected.
    """

    participants: Participants = Participants.EVERYONE
    follower_age_seconds: Annotated[int, Field(ge=0, le=FOLLOWER_AGE_SECONDS_MAX)] = 0
    slow_mode_seconds: Annotated[int, Field(ge=0, le=SLOW_MODE_SECONDS_MAX)] = 0
    chat_delay_seconds: Annotated[int, Field(ge=0, le=CHAT_DELAY_SECONDS_MAX)] = 0
    moderation: ModerationSettings = ModerationSettings()


DEFAULT_CHAT_SETTINGS = ChatSettings()
