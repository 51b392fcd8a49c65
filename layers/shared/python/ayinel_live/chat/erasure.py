"""Erasing what the chat holds of a stream, a person or a channel.

Each may be done again: what is gone stays gone, and what came in between goes too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pynamodb.exceptions import UpdateError

from ayinel_live.channels.kept_sanctions import KeptSanctions
from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.moderation_log import ModerationLogItem, ModerationLogStore
from ayinel_live.channels.store import ChatterItem, MemberItem
from ayinel_live.chat.change_ids import ChangeIds, first_of
from ayinel_live.chat.message_key import marker_key, message_key
from ayinel_live.chat.model import MessageStatus
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.outages import refusal_code

# Longer than any connection lasts: older messages are on nobody's screen.
ON_SCREEN = timedelta(hours=3)


class ChatErasure:
    """Erases.

    Args:
        members: Keeps people's standing.
        log: Keeps what was done in channels.
        clock: Tells the time.
        change_ids: Makes the ids of changes.
    """

    def __init__(
        self,
        members: MemberStore | None = None,
        log: ModerationLogStore | None = None,
        clock: Clock = utc_now,
        change_ids: ChangeIds | None = None,
    ) -> None:
        self._members = members or MemberStore()
        self._log = log or ModerationLogStore()
        self._clock = clock
        self._change_ids = change_ids or ChangeIds()

    def erase_stream(self, stream_id: str) -> int:
        """Erase a stream's messages and return how many there were.

        Args:
            stream_id: The stream.
        """
        return self._erase(ChatMessageItem.query(stream_id))

    def erase_user(self, user_id: str) -> int:
        """Erase a person's messages, standing and following everywhere, and the name in the logs.

        The ends of bans and running time-outs stay, under a digest (`channels/kept_sanctions.py`).
        Messages that may still be on a screen are taken away there first.

        Args:
            user_id: The person, signed in or anonymous.

        Returns:
            How many messages there were.
        """
        owners = set(self._members.channels_of(user_id))
        messages = list(ChatMessageItem.user_index.query(user_id))
        oldest_on_screen = first_of(self._clock() - ON_SCREEN)
        for item in messages:
            owners.add(item.owner_id)
            if item.message_id > oldest_on_screen:
                self._take_off_screens(item)
        erased = self._erase(messages)
        for owner_id in owners:
            KeptSanctions().erase(owner_id, user_id, self._clock())
        self._log.erase_person(user_id)
        return erased

    def erase_channel(self, owner_id: str) -> int:
        """Erase everybody's standing in a creator's channel, its sanctions and its log.

        Args:
            owner_id: The creator, whose streams are erased one by one.

        Returns:
            How many people had a standing.
        """
        people = 0
        with MemberItem.batch_write() as members:
            for member in MemberItem.query(owner_id):
                members.delete(member)
                people += 1
        # Also of who only ever wrote.
        with ChatterItem.batch_write() as chatters:
            for chatter in ChatterItem.query(owner_id):
                chatters.delete(chatter)
        with ModerationLogItem.batch_write() as batch:
            for entry in ModerationLogItem.query(owner_id):
                batch.delete(entry)
        return people

    def _take_off_screens(self, item: ChatMessageItem) -> None:
        try:
            item.update(
                actions=[
                    ChatMessageItem.status.set(MessageStatus.REMOVED.value),
                    ChatMessageItem.is_moderated.set(True),
                    ChatMessageItem.changed_at.set(self._change_ids.next(self._clock())),
                    ChatMessageItem.version.add(1),
                ],
                condition=ChatMessageItem.status == MessageStatus.SHOWN.value,
            )
        except UpdateError as error:
            if refusal_code(error) != "ConditionalCheckFailedException":
                raise

    @staticmethod
    def _erase(items: Iterable[ChatMessageItem]) -> int:
        erased = 0
        with ChatMessageItem.batch_write() as messages, IdempotencyItem.batch_write() as markers:
            for item in items:
                key = message_key(item.stream_id, item.user_id, item.client_message_id)
                messages.delete(ChatMessageItem(item.stream_id, item.message_id))
                markers.delete(IdempotencyItem(marker_key(key)))
                erased += 1
        return erased
