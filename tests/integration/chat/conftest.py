"""Tables of the chat, on moto and on the emulator: every store passes on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime import transactions
from ayinel_live.runtime.idempotency import IdempotencyItem
from tests.integration.emulator.running import running
from tests.support.tables import create_tables

REGION = "eu-central-1"
ITEMS = (
    ChannelItem,
    ChatterItem,
    MemberItem,
    ModerationLogItem,
    ChatMessageItem,
    IdempotencyItem,
)


class CountedClient:
    """A DynamoDB client that counts what it is asked, and knows tables by their logical names."""

    def __init__(self, client: Any, prefix: str = "") -> None:
        self._client = client
        self._prefix = prefix
        self.requests: list[str] = []

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._client, name)

        def counted(**arguments: Any) -> Any:
            self.requests.append(name)
            if "TableName" in arguments:
                arguments["TableName"] = self._prefix + arguments["TableName"]
            return operation(**arguments)

        return counted

    def everything(self) -> str:
        """Return all that the chat's tables hold."""
        return repr([self.scan(TableName=item.logical_name)["Items"] for item in ITEMS])


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One emulator for all tests of the chat that want one."""
    with running(tmp_path_factory.mktemp("chat")) as cloud:
        yield cloud.url


@pytest.fixture(params=["moto", "emulator"])
def dynamodb(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CountedClient]:
    """The chat's tables, and a client that counts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    prefix = ""
    # Its client keeps the endpoint that it was made with.
    transactions._connection.cache_clear()
    with ExitStack() as stack:
        if request.param == "emulator":
            monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("emulator_url"))
            prefix = f"t{uuid4().hex[:8]}-"
        else:
            stack.enter_context(mock_aws())
        client = boto3.client("dynamodb", region_name=REGION)
        create_tables(client, *ITEMS, prefix=prefix)
        yield CountedClient(client, prefix)
    transactions._connection.cache_clear()
