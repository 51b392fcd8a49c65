"""Where the local classifier's weights are found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

WEIGHTS_PACKAGE: Final = "classifier_weights"
"""The folder's name in the classifier layer, beside the packages of its `python` folder."""

_FILES: Final = ("encoder.npz", "model.json")


class WeightsMissingError(LookupError):
    """The classifier's weights are on none of the paths where they may be."""


def find_weights() -> Path:
    """Finds the folder of the converted weights.

    Returns:
        The folder beside the imported packages (the layer), or `build/classifier` of a checkout.

    Raises:
        WeightsMissingError: It is nowhere.
    """
    for folder in _candidates():
        if all((folder / name).is_file() for name in _FILES):
            return folder
    raise WeightsMissingError(
        "the classifier's weights are missing: build them with `python -m layers.classifier.build`"
    )


def checkout() -> Path | None:
    """The repository that this file is part of, or None in a deployed layer."""
    parents = Path(__file__).resolve().parents
    root = parents[5] if len(parents) > 5 else None
    return root if root and (root / "layers" / "classifier" / "build.py").is_file() else None


def _candidates() -> Iterator[Path]:
    for entry in sys.path:
        yield Path(entry or os.curdir, WEIGHTS_PACKAGE)
    root = checkout()
    if root is not None:
        yield root / "build" / "classifier"
