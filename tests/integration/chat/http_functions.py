"""The HTTP functions and the authorizer as the gateway calls them, over tables and a secret."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest

from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.model import ChatMessage
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import LiveStream
from tests.support.chat import OWNER_ID, STREAM_ID, message
from tests.support.clock import START
from tests.support.house import House
from tests.support.moto_tables import REGION, moto_tables

ITEMS = (
    ChannelItem,
    ChatterItem,
    ChatMessageItem,
    IdempotencyItem,
    InvitationItem,
    MemberItem,
    ModerationLogItem,
    StreamItem,
)
FUNCTIONS = ("channels_api", "chat_api", "chat_authorizer")
SECRET_NAME = "ticket-secret"
BASE = "/api/v1/live"


class Api:
    """Calls the functions as the gateway does."""

    def __init__(self, functions: dict[str, ModuleType]) -> None:
        self._functions = functions
        self.stream_id = STREAM_ID

    def call(
        self,
        route: str,
        *,
        user: str = "",
        body: object = None,
        query: dict[str, str] | None = None,
        path: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        method, _, below = route.partition(" ")
        name = "channels_api" if below.split("/")[1] in ("channel", "following") else "chat_api"
        claims = {"sub": user, "exp": "4102444800"}
        event = {
            "routeKey": f"{method} {BASE}{below}",
            "pathParameters": {"streamId": self.stream_id, **(path or {})},
            "queryStringParameters": query or {},
            "headers": {"user-agent": "test"},
            "requestContext": {
                "http": {"sourceIp": "203.0.113.9"},
                **({"authorizer": {"jwt": {"claims": claims}}} if user else {}),
            },
            "body": None if body is None else json.dumps(body),
        }
        answer = self._functions[name].handler(event, None)
        text = answer.get("body")
        return answer["statusCode"], json.loads(text) if text else None

    def authorize(self, ticket: str) -> dict[str, Any]:
        event = {"queryStringParameters": {"ticket": ticket}, "methodArn": "arn:connect"}
        answer: dict[str, Any] = self._functions["chat_authorizer"].handler(event, None)
        return answer

    def routes(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        served = self._functions[name].handler.route_keys
        listed = importlib.import_module(f"functions.{name}.routes").ROUTES
        return served, frozenset(route.key for route in listed)


@contextmanager
def served() -> Iterator[Api]:
    """Load the functions anew over empty tables."""
    environment = {
        "STAGE": "test",
        "CHANNELS_TABLE": "Channels",
        "CHATTERS_TABLE": "Chatters",
        "CHAT_MESSAGES_TABLE": "ChatMessages",
        "IDEMPOTENCY_TABLE": "Idempotency",
        "INVITATIONS_TABLE": "Invitations",
        "MEMBERS_TABLE": "Members",
        "MODERATION_LOG_TABLE": "ModerationLog",
        "STREAMS_TABLE": "Streams",
        "TOKEN_ISSUER": "https://issuer",
        "TOKEN_JWKS_URL": "https://issuer/jwks",
        "TOKEN_AUDIENCES": "client",
        "TICKET_SECRET_ARN": SECRET_NAME,
        "CHAT_URL": "wss://chat",
    }
    with moto_tables(*ITEMS), pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        boto3.client("secretsmanager", region_name=REGION).create_secret(
            Name=SECRET_NAME, SecretString=json.dumps({"current": "a secret"})
        )
        for module in [m for m in sys.modules if m.startswith("functions.")]:
            if module.split(".")[1] in FUNCTIONS:
                patch.delitem(sys.modules, module)
        yield Api({n: importlib.import_module(f"functions.{n}.handler") for n in FUNCTIONS})


def start_stream(api: Api) -> LiveStream:
    """Start the stream that the calls are about."""
    started = House().start(OWNER_ID).stream
    api.stream_id = started.stream_id
    return started


def put(stream: LiveStream, number: int, **changes: Any) -> ChatMessage:
    """Store a message of so many seconds after the start."""
    at = START + timedelta(seconds=number)
    changes["stream_id"] = stream.stream_id
    one = message(f"message {number}", message_id=new_ulid(at), **changes)
    MessageStore().put(one, at)
    return one
