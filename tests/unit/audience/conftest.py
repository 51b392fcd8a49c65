"""Tables of presence and counting on moto."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.idempotency import IdempotencyItem
from tests.support.tables import create_tables

ITEMS = (
    AudienceItem,
    AudienceMarkerItem,
    ChatterItem,
    ConnectionItem,
    IdempotencyItem,
    ViewerItem,
)


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fresh, empty tables."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_tables(boto3.client("dynamodb", region_name="us-east-1"), *ITEMS)
        yield
