"""Fixtures that more than one suite uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The deployed local stack, one for the whole run."""
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running
