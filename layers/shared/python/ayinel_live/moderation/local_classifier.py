"""The local classifier: a published sentence encoder in NumPy, and a head of our own on top."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ayinel_live.moderation.classifier import ClassifierScores
from ayinel_live.moderation.encoder import Encoder
from ayinel_live.moderation.model import Category, Tier
from ayinel_live.moderation.plain_text import plain_text
from ayinel_live.moderation.weights import find_weights

_BATCH_MAX: Final = 32

# NumPy's OpenBLAS reads this when it is first imported, below. The products of a batch are too
# small to share: a second thread costs five times the processor time and is slower besides.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class LocalClassifier:
    """Scores messages on this machine; NumPy is imported when the first one is made."""

    def __init__(self, folder: Path | None = None) -> None:
        """Loads the weights.

        Args:
            folder: Where they are; found by `find_weights` unless given.

        Raises:
            WeightsMissingError: They are nowhere.
        """
        import numpy as np

        folder = folder or find_weights()
        model = json.loads((folder / "model.json").read_text("utf-8"))
        with np.load(folder / "encoder.npz", allow_pickle=False) as stored:
            self._encoder = Encoder(model, {name: stored[name] for name in stored.files})
        head: Mapping[str, Any] = model["head"]
        self._categories = [Category(name) for name in head["categories"]]
        rows = np.array([head["toxic"], *head["categories"].values()], np.float32)
        self._coefficients = rows[:, :-1].T
        self._biases = rows[:, -1]

    def score(self, texts: Sequence[str]) -> list[ClassifierScores]:
        """Scores each message; see `Classifier.score`."""
        plain = [plain_text(text) for text in texts]
        # Equal messages, which chat is full of, are scored once; short ones beside short ones.
        asked = sorted(set(plain), key=len)
        answers: dict[str, ClassifierScores] = {}
        for start in range(0, len(asked), _BATCH_MAX):
            batch = asked[start : start + _BATCH_MAX]
            answers.update(zip(batch, self._score(batch), strict=True))
        return [answers[text] for text in plain]

    def _score(self, texts: Sequence[str]) -> list[ClassifierScores]:
        import numpy as np

        margins = self._encoder.encode(texts) @ self._coefficients + self._biases
        chances: list[list[float]] = (1 / (1 + np.exp(-margins))).tolist()
        return [
            ClassifierScores(
                row[0], dict(zip(self._categories, row[1:], strict=True)), Tier.CLASSIFIER
            )
            for row in chances
        ]
