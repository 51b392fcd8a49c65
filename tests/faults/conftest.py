from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.proxy import FaultyRuntime, faulty_stack
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def faulty() -> Iterator[tuple[Stack, FaultyRuntime]]:
    """A stack whose functions reach AWS through a proxy, one for all tests of the folder."""
    # Not below pytest's own folder; the `stack` fixture says why.
    with TemporaryDirectory(prefix="ayinel-") as folder, faulty_stack(Path(folder)) as running:
        yield running
