"""What the moderation worker reads from its environment."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class ModerationWorkerSettings(FunctionSettings):
    """Settings of the function.

    Attributes:
        classifier: Who judges what the rules let pass.
        moderation_queue_url: The FIFO queue that it reads.
        reveals_queue_url: The standard queue of messages that wait for their chat delay; it sends
            to it and reads it too.
        set_aside_queue_url: The FIFO queue of messages that cannot be worked off.
    """

    channels_table: str
    chat_messages_table: str
    idempotency_table: str
    classifier: Literal["local", "comprehend"]
    moderation_queue_url: str
    reveals_queue_url: str
    set_aside_queue_url: str
