"""Emulators with and without a patch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.integration.emulator.running import Cloud, running

Without = Callable[..., AbstractContextManager[Cloud]]


@pytest.fixture(scope="session")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The emulator as the product runs it; one for all tests that leave it running."""
    with running(tmp_path_factory.mktemp("mended")) as cloud:
        yield cloud


@pytest.fixture
def without(tmp_path_factory: pytest.TempPathFactory) -> Without:
    """Start an emulator that lacks the named patches, to see what they mend."""

    def start(*patches: str) -> AbstractContextManager[Cloud]:
        return running(tmp_path_factory.mktemp("without"), without=patches)

    return start
