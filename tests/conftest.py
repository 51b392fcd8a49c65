"""Fixtures that more than one suite uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.support.stack import Stack

# The same examples each time: a change is judged by what it changed. `make verify` looks for new
# ones with the profile "explore".
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The deployed local stack, one for the whole run."""
    # Imported here: unit tests must not pay for the runtime's imports.
    from tests.support.stack import running_stack

    # Not below pytest's own folder: each session shuts that to other users again, and PostgreSQL
    # started by root runs as one.
    with TemporaryDirectory(prefix="ayinel-") as folder, running_stack(Path(folder)) as running:
        yield running
