"""Tables of presence and counting on moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.audience import AUDIENCE_ITEMS
from tests.support.moto_tables import empty_tables, moto_tables


@pytest.fixture(scope="module")
def _aws() -> Iterator[None]:
    with moto_tables(*AUDIENCE_ITEMS):
        yield


@pytest.fixture
def tables(_aws: None) -> None:
    """Empty tables."""
    empty_tables()
