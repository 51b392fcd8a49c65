"""Tables of the chat, on moto and on the emulator: every store passes on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pynamodb.connection import Connection

from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.judging import MessageJudge
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime import transactions
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.tables import TableItem, bind_table
from ayinel_live.streams.model import LiveStream
from tests.integration.chat.http_functions import Api, served, start_stream
from tests.integration.chat.stored_messages import READER, STORE
from tests.integration.emulator.running import running
from tests.support.clock import FixedClock
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


class Backend:
    """Tables that are made once and emptied for each test: making clients is what takes time.

    Args:
        prefix: Goes before the logical names.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._client = boto3.client("dynamodb", region_name=REGION)
        self._transactions = Connection()
        self._connections: dict[type[TableItem], Any] = {}
        create_tables(self._client, *ITEMS, prefix=prefix)

    @contextmanager
    def bound(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountedClient]:
        """Point the item classes here for one test."""
        monkeypatch.setattr(transactions, "_connection", lambda: self._transactions)
        for item in ITEMS:
            bind_table(item, self._prefix + item.logical_name)
            item._connection = self._connections.get(item)
        yield CountedClient(self._client, self._prefix)
        for item in ITEMS:
            self._connections[item], item._connection = item._connection, None
            self._empty(item)

    def _empty(self, item: type[TableItem]) -> None:
        table = self._prefix + item.logical_name
        keys = _keys(item)
        for page in self._client.get_paginator("scan").paginate(TableName=table):
            for one in page["Items"]:
                self._client.delete_item(TableName=table, Key={name: one[name] for name in keys})


def _keys(item: type[TableItem]) -> list[str]:
    schema: Any = item._get_schema()
    return [key["AttributeName"] for key in schema["key_schema"]]


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One emulator for all tests of the chat that want one."""
    with running(tmp_path_factory.mktemp("chat")) as cloud:
        yield cloud.url


# Not for the whole session: what it puts into the environment must not reach other suites.
@pytest.fixture(scope="module", params=["moto", "emulator"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The chat's tables in one place, then in the other."""
    with ExitStack() as stack:
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        if request.param == "moto":
            stack.enter_context(mock_aws())
        else:
            environment.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("emulator_url"))
        yield Backend(f"{request.module.__name__.rpartition('.')[2]}-")


@pytest.fixture
def dynamodb(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountedClient]:
    """The chat's tables, empty, and a client that counts."""
    with backend.bound(monkeypatch) as client:
        yield client


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock()


@pytest.fixture
def judge(clock: FixedClock) -> MessageJudge:
    """What moderators decide with, over the chat's tables."""
    return MessageJudge(READER, STORE, clock)


@pytest.fixture
def api() -> Iterator[Api]:
    """The HTTP functions over tables of their own."""
    with served() as one:
        yield one


@pytest.fixture
def stream(api: Api) -> LiveStream:
    """The stream that calls of the functions are about."""
    return start_stream(api)
