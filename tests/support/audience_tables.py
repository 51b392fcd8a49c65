"""The audience's tables on moto or on an emulator, for suites that every store has to pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from ayinel_live.runtime import transactions
from ayinel_live.runtime.tables import bind_table
from tests.support.audience import AUDIENCE_ITEMS
from tests.support.moto_tables import ENVIRONMENT, REGION
from tests.support.tables import create_tables


@contextmanager
def audience_tables(endpoint_url: str | None) -> Iterator[None]:
    """Hold fresh tables: in memory, or under names of their own on an emulator."""
    # Its client keeps the endpoint that it was made with.
    transactions._connection.cache_clear()
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        prefix = ""
        if endpoint_url is None:
            stack.enter_context(mock_aws())
        else:
            patch.setenv("AWS_ENDPOINT_URL", endpoint_url)
            prefix = f"t{uuid4().hex[:8]}-"
        client = boto3.client("dynamodb", region_name=REGION)
        create_tables(client, *AUDIENCE_ITEMS, prefix=prefix)
        yield
        for item in AUDIENCE_ITEMS:
            item._connection = None
            bind_table(item, item.logical_name)
    transactions._connection.cache_clear()
