from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.proxy import FaultyRuntime, faulty_stack
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, FaultyRuntime]]:
    """A stack whose functions reach AWS through a proxy, one for all tests of the folder."""
    with faulty_stack(tmp_path_factory.mktemp("faulty")) as running:
        yield running
