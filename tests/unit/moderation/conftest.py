"""Loads the built-in lists before tests that are given a deadline for each example."""

from __future__ import annotations

import pytest

from ayinel_live.moderation.model import ModerationSettings
from ayinel_live.moderation.rules import moderate_with_rules


@pytest.fixture(scope="session", autouse=True)
def _lists_are_loaded() -> None:
    moderate_with_rules("wärm", ModerationSettings())
