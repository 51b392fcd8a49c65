"""Settings of the fan-out worker."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class FanOutWorkerSettings(FunctionSettings):
    """The environment, field by field.

    Attributes:
        chat_messages_table: Table whose changes are told.
        audience_table: Table whose changes are told; also read for the peak.
        streams_table: Table whose changes are told; also read.
        members_table: Table whose changes are told.
        invitations_table: Table whose changes are told; also read.
        connections_table: Read for staff and for strangers.
        chatters_table: Read for who moderates.
        posts_queue_url: FIFO queue of postings.
        set_aside_queue_url: Queue of records that cannot be worked on.
        total_posts_per_second: What all post workers together may post; 0 for no limit.
    """

    chat_messages_table: str
    audience_table: str
    streams_table: str
    members_table: str
    invitations_table: str
    connections_table: str
    chatters_table: str
    posts_queue_url: str
    set_aside_queue_url: str
    total_posts_per_second: float = 0
