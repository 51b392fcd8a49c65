"""Tables on moto, and a house with a provider in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    """The tables of a module's tests."""
    with moto_tables(*STREAM_ITEMS):
        yield


@pytest.fixture
def house(tables: None) -> House:
    """A house with empty tables."""
    empty_tables()
    return House()
