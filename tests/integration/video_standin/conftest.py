from collections.abc import AsyncIterator

import pytest

from tests.integration.video_standin.control_client import Checked
from tests.integration.video_standin.house import House, running


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running() as house:
        yield house


@pytest.fixture
async def ivs() -> AsyncIterator[Checked]:
    async with running(recordings_enabled=False) as house:
        yield Checked(house)
