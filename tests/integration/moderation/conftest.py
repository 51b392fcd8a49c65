"""The classifier's weights, built once from their packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from ayinel_live.moderation.local_classifier import LocalClassifier
from tests.benchmarks.moderation_quality import weights


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    return weights()


@pytest.fixture(scope="session")
def classifier(weights_folder: Path) -> LocalClassifier:
    return LocalClassifier(weights_folder)
