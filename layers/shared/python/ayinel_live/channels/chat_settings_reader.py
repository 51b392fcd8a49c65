"""Chat settings as the send path reads them: without PynamoDB, and through a short memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ayinel_live.channels.chat_settings import DEFAULT_CHAT_SETTINGS, ChatSettings
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.errors import UpstreamError

SETTINGS_LIFE_SECONDS = 5.0
_CHANNELS_REMEMBERED_MAX = 1000


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """Settings with the number of times they were written."""

    settings: ChatSettings
    version: int


class ChatSettingsReader:
    """Reads the settings of channels.

    Args:
        table_name: The Channels table.
        client: Makes the DynamoDB client, on first use.
    """

    def __init__(
        self, table_name: str, client: Callable[[], Any] = lambda: aws_client("dynamodb")
    ) -> None:
        self._table_name = table_name
        self._client = client

    def read(self, owner_id: str, *, is_consistent: bool = False) -> StoredSettings:
        """Return a channel's settings; the defaults where there are none.

        Args:
            owner_id: The creator.
            is_consistent: Whether what was just written must be seen.

        Raises:
            UpstreamError: DynamoDB throttled, failed or could not be reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client().get_item(
                TableName=self._table_name,
                Key={"userId": {"S": owner_id}},
                ProjectionExpression="chatSettings, chatSettingsVersion",
                ConsistentRead=is_consistent,
            )
        except (BotoCoreError, ClientError):
            raise UpstreamError("The settings cannot be read.", retry_after_seconds=1) from None
        item = answer.get("Item", {})
        version = int(item.get("chatSettingsVersion", {}).get("N", 0))
        return StoredSettings(_parse(item.get("chatSettings", {}).get("S")), version)


class RememberedChatSettings:
    """Settings as they were at most a few seconds ago, one memory a process.

    Args:
        reader: Reads what is not remembered.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self, reader: ChatSettingsReader, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader = reader
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, ChatSettings]] = {}

    def get(self, owner_id: str) -> ChatSettings:
        """Return a channel's settings.

        Args:
            owner_id: The creator.

        Raises:
            UpstreamError: They are not remembered at all and cannot be read.
        """
        now = self._monotonic()
        known = self._known.get(owner_id)
        if known is not None and now - known[0] < SETTINGS_LIFE_SECONDS:
            return known[1]
        try:
            settings = self._reader.read(owner_id).settings
        except UpstreamError:
            if known is None:
                raise
            settings = known[1]  # Old settings serve a channel better than a silent chat.
        if len(self._known) >= _CHANNELS_REMEMBERED_MAX:
            self._known.clear()
        self._known[owner_id] = (now, settings)
        return settings


def _parse(text: str | None) -> ChatSettings:
    if text is None:
        return DEFAULT_CHAT_SETTINGS
    try:
        return ChatSettings.model_validate_json(text)
    except ValidationError:
        # Written under rules that have since become stricter: the chat goes on with defaults.
        return DEFAULT_CHAT_SETTINGS
