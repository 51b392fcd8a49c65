"""Tables of the chat on moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime.idempotency import IdempotencyItem
from tests.support.tables import create_tables

ITEMS = (
    ChannelItem,
    ChatterItem,
    MemberItem,
    ModerationLogItem,
    ChatMessageItem,
    IdempotencyItem,
)


class CountedClient:
    """A DynamoDB client that counts what it is asked."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.requests: list[str] = []

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._client, name)

        def counted(**arguments: Any) -> Any:
            self.requests.append(name)
            return operation(**arguments)

        return counted


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountedClient]:
    """The chat's tables, and a client that counts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        create_tables(client, *ITEMS)
        yield CountedClient(client)
