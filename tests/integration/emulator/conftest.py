"""Emulators with and without a patch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.integration.emulator.running import Cloud, Function, running

Without = Callable[..., AbstractContextManager[Cloud]]


@pytest.fixture(scope="session")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The emulator as the product runs it; one for all tests that leave it running."""
    with running(tmp_path_factory.mktemp("mended")) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def minutely(mended: Cloud) -> Function:
    """A function on a schedule of one minute, which is made with the first test."""
    function = mended.function("keep_event")
    mended.client("events").put_rule(Name="minutely", ScheduleExpression="rate(1 minute)")
    mended.client("events").put_targets(
        Rule="minutely", Targets=[{"Id": "one", "Arn": function.arn}]
    )
    return function


@pytest.fixture(scope="session", autouse=True)
def _minute_begins(minutely: Function) -> None:
    """Let the minute pass while other tests run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the test that waits for the minute after all others."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: runs after all other tests")


@pytest.fixture
def without(tmp_path_factory: pytest.TempPathFactory) -> Without:
    """Start an emulator that lacks the named patches, to see what they mend."""

    def start(*patches: str) -> AbstractContextManager[Cloud]:
        return running(tmp_path_factory.mktemp("without"), without=patches)

    return start
