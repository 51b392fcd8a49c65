"""Tables of the audience on moto and on the emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ayinel_live.audience.counting_store import CountingStore
from tests.integration.emulator.running import running
from tests.support.audience_tables import audience_tables
from tests.support.counting_memory import MemoryCountingStore


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One emulator for all tests of the audience that want one."""
    with running(tmp_path_factory.mktemp("audience")) as cloud:
        yield cloud.url


@pytest.fixture(params=["moto", "emulator"])
def tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fresh tables."""
    is_emulator = request.param == "emulator"
    url = request.getfixturevalue("emulator_url") if is_emulator else None
    with audience_tables(url):
        yield


@pytest.fixture(params=["memory", "moto", "emulator"])
def store(request: pytest.FixtureRequest) -> Iterator[CountingStore]:
    """A counting store of each kind, empty."""
    if request.param == "memory":
        yield MemoryCountingStore()
        return
    is_emulator = request.param == "emulator"
    url = request.getfixturevalue("emulator_url") if is_emulator else None
    with audience_tables(url):
        yield CountingStore()
