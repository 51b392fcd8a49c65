"""Tables on moto that a module's tests share, emptied between tests.

Making tables and clients takes most of a second each time; emptying takes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from ayinel_live.runtime.tables import TableItem
from tests.support.tables import create_tables

ACCOUNT = "123456789012"
REGION = "us-east-1"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


@contextmanager
def moto_tables(*items: type[TableItem]) -> Iterator[None]:
    """Hold a mocked AWS with the tables of these items."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with mock_aws():
            create_tables(boto3.client("dynamodb", region_name=REGION), *items)
            yield


def empty_tables() -> None:
    """Delete every item of the mocked tables."""
    for table in dynamodb_backends[ACCOUNT][REGION].tables.values():
        table.items.clear()
