"""The streams API over moto's tables and a provider in memory."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.identity.tokens import KeySet
from ayinel_live.runtime.clock import utc_now
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.reports import ReportItem
from ayinel_live.video.model import VideoEventKind
from functions.routes import BASE_PATH
from tests.support.house import STREAM_ITEMS
from tests.support.moto_tables import REGION, empty_tables, moto_tables
from tests.support.tokens import AUDIENCE, ISSUER, Issuer
from tests.support.video import FakeProvider, video_event

OPERATORS = "operators"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PACKAGE = "functions.streams_api"


@dataclass
class Answer:
    """A response of the function."""

    status: int
    headers: dict[str, str]
    text: str
    cookies: list[str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return str(self.json.get("code"))


class Api:
    """Calls the function as the gateway would."""

    def __init__(self, handler: Any, wiring: Any, issuer: Issuer) -> None:
        self.handler = handler
        self.wiring = wiring
        self.issuer = issuer
        self.provider = FakeProvider(utc_now)

    def call(
        self,
        route: str,
        *,
        caller: str | None = None,
        operator: bool = False,
        body: Any = None,
        headers: dict[str, str] | None = None,
        token: str | None = None,
        query: dict[str, str] | None = None,
        **path: str,
    ) -> Answer:
        """Call a route; `caller` is verified by the gateway on signed-in routes."""
        method, _, template = route.partition(" ")
        groups = f"[{OPERATORS}]" if operator else "[]"
        claims = {"sub": caller, "exp": "4102444800", "cognito:groups": groups}
        sent = dict(headers or {})
        if caller is not None and token is None:
            token = self.issuer.token(sub=caller, groups=[OPERATORS] if operator else [])
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        event = {
            "version": "2.0",
            "routeKey": f"{method} {BASE_PATH}{'' if template == '/' else template}",
            "pathParameters": {_camel(name): value for name, value in path.items()},
            "queryStringParameters": query or {},
            "headers": sent,
            "requestContext": {
                "requestId": "r",
                "http": {"method": method, "sourceIp": "127.0.0.1"},
                "authorizer": {"jwt": {"claims": claims}} if caller is not None else {},
            },
            "body": body if isinstance(body, str) else None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = self.handler(event, None)
        return Answer(
            answer["statusCode"],
            answer["headers"],
            answer.get("body", ""),
            answer.get("cookies", []),
        )

    def start(self, caller: str = "ana", **changes: Any) -> dict[str, Any]:
        """Start a stream."""
        answer = self.call("POST /start", caller=caller, body={"title": "A title", **changes})
        assert answer.status == 201, answer.text
        started: dict[str, Any] = answer.json
        return started


def observer(api: Api) -> StreamObserver:
    """Return what learns from the provider, over the function's tables."""
    return StreamObserver(api.wiring.streams, api.wiring.channels)


def go_live(api: Api, started: dict[str, Any]) -> Any:
    """Push with a stream's key and take in what the provider tells of it."""
    session = api.provider.push(started["streamKey"])
    assert session is not None
    for kind in (VideoEventKind.SESSION_CREATED, VideoEventKind.STREAM_STARTED):
        observer(api).learn(video_event(kind, session))
    return session


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


@pytest.fixture(scope="module")
def loaded() -> Iterator[Api]:
    """The function, loaded over mocked tables with a provider in memory."""
    issuer = Issuer()
    items = (*STREAM_ITEMS, AudienceItem, ModerationLogItem, ReportItem)
    with moto_tables(*items), pytest.MonkeyPatch.context() as environment:
        sqs = boto3.client("sqs", region_name=REGION)
        secrets = boto3.client("secretsmanager", region_name=REGION)
        for name, value in {
            "STAGE": "test",
            "TOKEN_ISSUER": ISSUER,
            "TOKEN_JWKS_URL": "https://issuer.example/jwks",
            "TOKEN_AUDIENCES": f"other,{AUDIENCE}",
            "OPERATOR_GROUP": OPERATORS,
            "ERASURE_QUEUE_URL": sqs.create_queue(QueueName="erasures")["QueueUrl"],
            "PLAYBACK_KEY_SECRET_ARN": secrets.create_secret(Name="keys", SecretString="{}")["ARN"],
            "RECORDINGS_URL": "https://live.example",
            **{f"{_snake(item.logical_name)}_TABLE": item.logical_name for item in items},
        }.items():
            environment.setenv(name, value)
        _forget()
        provider = FakeProvider(utc_now)
        with patch("ayinel_live.video.providers.make_provider", return_value=provider):
            handler = importlib.import_module(f"{PACKAGE}.handler").handler
            wiring = importlib.import_module(f"{PACKAGE}.wiring")
        wiring.verifier._keys = KeySet("", issuer.jwks)
        api = Api(handler, wiring, issuer)
        api.provider = provider
        yield api
        _forget()


@pytest.fixture
def api(loaded: Api) -> Api:
    """The function with empty tables."""
    empty_tables()
    loaded.provider.__init__(utc_now)  # type: ignore[misc]  # a fresh provider, same object
    loaded.provider.import_playback_key = lambda *_: "pair"  # type: ignore[attr-defined]  # IVS's
    loaded.provider.playback_keys = dict  # type: ignore[attr-defined]  # IVS's
    return loaded


def _snake(name: str) -> str:
    return "".join(f"_{c}" if c.isupper() else c for c in name).strip("_").upper()


def _forget() -> None:
    """Have the function's modules loaded anew, as at a cold start."""
    package = importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
        del sys.modules[name]
        vars(package).pop(name.rpartition(".")[2], None)
