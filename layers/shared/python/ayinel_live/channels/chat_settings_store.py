"""Chat settings in the Channels table, written together with the log entry that tells of it."""

from __future__ import annotations

from ayinel_live.channels.chat_settings import ChatSettings
from ayinel_live.channels.member_store import is_moderator
from ayinel_live.channels.model import Actor, NotModeratorError
from ayinel_live.channels.moderation_log import LogEntry, log_item
from ayinel_live.channels.store import ChannelItem, MemberItem
from ayinel_live.runtime.errors import ConflictError
from ayinel_live.runtime.transactions import ConditionFailedError, TransactWrite, write_together


class ChatSettingsWriter:
    """Writes the settings of channels."""

    def write(
        self,
        owner_id: str,
        settings: ChatSettings,
        actor: Actor,
        entry: LogEntry,
        *,
        expected_version: int | None = None,
    ) -> None:
        """Replace a channel's settings and log it, in one transaction.

        Args:
            owner_id: The creator.
            settings: The new settings.
            actor: Who does it and must be allowed to, at this moment.
            entry: What the log will say.
            expected_version: The version that is being replaced; None replaces any.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
            ConflictError: The settings have another version by now.
        """
        text = settings.model_dump_json(by_alias=True, exclude_defaults=True)
        must_moderate = not actor.rules(owner_id)
        expected = None
        if expected_version is not None:
            expected = (
                ChannelItem.chat_settings_version == expected_version
                if expected_version
                else ChannelItem.chat_settings_version.does_not_exist()
            )

        def build(transaction: TransactWrite) -> None:
            if must_moderate:
                transaction.condition_check(MemberItem, owner_id, actor.user_id, is_moderator())
            transaction.save(log_item(entry))
            transaction.update(
                ChannelItem(owner_id),
                [
                    ChannelItem.chat_settings.set(text),
                    ChannelItem.chat_settings_version.add(1),
                ],
                condition=expected,
            )

        try:
            write_together(build)
        except ConditionFailedError as error:
            if must_moderate and 0 in error.items:
                raise NotModeratorError from None
            raise ConflictError(
                "The settings were changed meanwhile; read them again.", code="settings-changed"
            ) from None
