"""The local classifier: two published models in NumPy, averaged.

One is a bidirectional LSTM over word vectors (toxic-comment-classifier), the other a linear model
over TF-IDF (alt-profanity-check). `layers/classifier` converts both.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ayinel_live.moderation.classifier import ClassifierScores
from ayinel_live.moderation.model import Category, Tier
from ayinel_live.moderation.plain_text import plain_text, without_misleading_words
from ayinel_live.moderation.weights import find_weights

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float32]]

_LINEAR_WORD: Final = re.compile(r"\b\w\w+\b")
_WHOLE_SHARE: Final = 0.3
_CATEGORY_OF_LABEL: Final = {
    "obscene": Category.PROFANITY,
    "threat": Category.THREAT,
    "insult": Category.HARASSMENT,
    "identity_hate": Category.HATE,
}


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
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            weights = {name: stored[name].astype(np.float32) for name in stored.files}
        self.recurrent = RecurrentModel(model["recurrent"], weights)
        self.linear = LinearModel(model["linear"], weights)

    def score(self, texts: Sequence[str]) -> list[ClassifierScores]:
        """Scores each message; see `Classifier.score`.

        A message with words that mislead models trained on web comments is scored a second time
        without them, and the two are mixed.
        """
        if not texts:
            return []
        plain = [plain_text(text) for text in texts]
        neutral = {text: without_misleading_words(text) for text in plain}
        asked = list(dict.fromkeys([*plain, *neutral.values()]))
        labelled = self.recurrent.predict(asked)
        linear = self.linear.predict(asked)
        answers = dict(zip(asked, zip(labelled, linear, strict=True), strict=True))
        return [_mix(answers[text], answers[neutral[text]]) for text in plain]


def _mix(
    whole: tuple[Mapping[str, float], float], neutral: tuple[Mapping[str, float], float]
) -> ClassifierScores:
    def of_label(label: str) -> float:
        return _WHOLE_SHARE * whole[0][label] + (1 - _WHOLE_SHARE) * neutral[0][label]

    linear = _WHOLE_SHARE * whole[1] + (1 - _WHOLE_SHARE) * neutral[1]
    return ClassifierScores(
        toxicity=(of_label("toxic") + linear) / 2,
        categories={category: of_label(label) for label, category in _CATEGORY_OF_LABEL.items()},
        tier=Tier.CLASSIFIER,
    )


class LinearModel:
    """TF-IDF and the mean of calibrated linear models, one for each fold of their training."""

    def __init__(self, model: Mapping[str, Any], weights: Mapping[str, Array]) -> None:
        """Takes the vocabulary and its weights."""
        self._index = {word: place for place, word in enumerate(model["vocabulary"])}
        self._idf = weights["linear_idf"]
        self._coefficients = weights["linear_coefficients"]
        self._intercepts = weights["linear_intercepts"]
        self._slopes = weights["linear_slopes"]
        self._offsets = weights["linear_offsets"]

    def predict(self, texts: Sequence[str]) -> list[float]:
        """The chance that each text offends."""
        return [self._predict_one(text) for text in texts]

    def _predict_one(self, text: str) -> float:
        import numpy as np

        counts = Counter(
            place
            for word in _LINEAR_WORD.findall(text)
            if (place := self._index.get(word)) is not None
        )
        places = np.fromiter(counts, np.intp, len(counts))
        values = np.fromiter(counts.values(), np.float32, len(counts)) * self._idf[places]
        norm = float(np.sqrt(values @ values))
        margins = self._intercepts.copy()
        if norm:
            margins += self._coefficients[:, places] @ (values / norm)
        return float(np.mean(1 / (1 + np.exp(self._slopes * margins + self._offsets))))


class RecurrentModel:
    """A bidirectional LSTM, pooled by its maximum over time, with two dense layers."""

    def __init__(self, model: Mapping[str, Any], weights: Mapping[str, Array]) -> None:
        """Takes the vocabulary and its weights; gates are in Keras's order: i, f, c, o."""
        import numpy as np

        self._index = {word: place + 1 for place, word in enumerate(model["vocabulary"])}
        self._length: int = model["length"]
        self._unknown: int = model["unknown"]
        self._labels: list[str] = model["labels"]
        self._separators = str.maketrans(dict.fromkeys(model["filters"], " "))
        kernels = np.stack([weights["forward_kernel"], weights["backward_kernel"]])
        biases = np.stack([weights["forward_bias"], weights["backward_bias"]])[:, None, :]
        # What a word adds to the gates depends on the word alone: computed once for all words.
        self._inputs = (weights["embedding"][None] @ kernels + biases).astype(np.float32)
        self._recurrent = np.stack([weights["forward_recurrent"], weights["backward_recurrent"]])
        self._dense = (weights["dense_kernel"], weights["dense_bias"])
        self._output = (weights["output_kernel"], weights["output_bias"])

    def predict(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """The chance of each label for each text."""
        import numpy as np

        tokens = np.stack([self._encode(text) for text in texts])
        pooled = self._pool(tokens)
        hidden = np.maximum(pooled @ self._dense[0] + self._dense[1], 0)
        chances: list[list[float]] = np.asarray(
            _sigmoid(hidden @ self._output[0] + self._output[1])
        ).tolist()
        return [dict(zip(self._labels, row, strict=True)) for row in chances]

    def _encode(self, text: str) -> np.ndarray[Any, np.dtype[np.intp]]:
        import numpy as np

        words = text.translate(self._separators).split()
        known = [place for word in words if (place := self._index.get(word, self._unknown))]
        padded = np.zeros(self._length, np.intp)
        if known:
            padded[-len(known) :] = known[-self._length :]
        return padded

    def _pool(self, tokens: np.ndarray[Any, np.dtype[np.intp]]) -> Array:
        import numpy as np

        count, length = tokens.shape
        units = self._recurrent.shape[1]
        hidden = np.zeros((2, count, units), np.float32)
        cell = np.zeros_like(hidden)
        pooled = np.full_like(hidden, -np.inf)
        for step in range(length):
            gates = hidden @ self._recurrent
            gates[0] += self._inputs[0, tokens[:, step]]
            gates[1] += self._inputs[1, tokens[:, length - 1 - step]]
            opened = _sigmoid(gates)
            candidate = np.tanh(gates[..., 2 * units : 3 * units])
            cell = opened[..., units : 2 * units] * cell + opened[..., :units] * candidate
            hidden = opened[..., 3 * units :] * np.tanh(cell)
            np.maximum(pooled, hidden, out=pooled)
        return np.concatenate([pooled[0], pooled[1]], axis=1)


def _sigmoid(values: Array) -> Array:
    import numpy as np

    half: Array = np.float32(0.5) * (np.tanh(np.float32(0.5) * values) + np.float32(1))
    return half


@lru_cache(maxsize=1)
def shared_local_classifier() -> LocalClassifier:
    """The local classifier of this process, loaded at its first use."""
    return LocalClassifier()
