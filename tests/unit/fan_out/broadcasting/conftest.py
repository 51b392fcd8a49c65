"""What every test of the broadcaster stands on."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from tests.support.tables import create_tables
from tests.unit.fan_out.broadcasting.house import House


@pytest.fixture
def house() -> Iterator[House]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        items = (AudienceItem, StreamItem, ConnectionItem, ChatterItem, InvitationItem)
        create_tables(client, *items, prefix="live-")
        yield House()


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
