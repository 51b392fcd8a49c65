"""The first layers of a published sentence encoder (MiniLM, Wang et al. 2020) in NumPy.

A text becomes one vector: the means over its word pieces after the first layer, which still knows
the words, and after the last that is kept, which knows what they say together. The lower layers
are enough for telling what kind of talk a message is, at half the cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from ayinel_live.moderation.word_pieces import WordPieces

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.float32]]

PIECES_MAX: Final = 64
"""Word pieces of a text that are read; chat rarely has half as many."""

_NORM_EPSILON: Final = 1e-12
_GELU_SCALE: Final = 0.7978845608028654
_GELU_CUBE: Final = 0.044715


class Encoder:
    """Turns texts into vectors; the weights are stored as bytes with a scale for each column."""

    def __init__(self, model: Mapping[str, Any], weights: Mapping[str, Any]) -> None:
        """Takes what `layers/classifier` made of the published model.

        Args:
            model: `vocabulary`, `layers`, `heads`.
            weights: Arrays by name.
        """
        import numpy as np

        self._pieces = WordPieces(model["vocabulary"])
        self._heads: int = model["heads"]
        self._word = weights["word"]
        self._word_scale = weights["word_scale"].astype(np.float32)
        self._position = weights["position"].astype(np.float32)
        self._norm = weights["norm"].astype(np.float32)
        self._layers = [
            _Layer(
                {
                    name.partition(".")[2]: array
                    for name, array in weights.items()
                    if name.startswith(f"layer{number}.")
                }
            )
            for number in range(model["layers"])
        ]

    def encode(self, texts: Sequence[str]) -> Array:
        """Encodes texts together: one product for all of their pieces at each step.

        Args:
            texts: Lower-case texts.

        Returns:
            A row for each text: both means, each of length one.
        """
        import numpy as np

        places = [self._pieces.encode(text, PIECES_MAX) for text in texts]
        bounds = np.cumsum([0, *map(len, places)])
        spans = [slice(start, stop) for start, stop in pairwise(bounds)]
        rows = np.concatenate([np.asarray(one, np.intp) for one in places])
        order = np.concatenate([np.arange(len(one)) for one in places])
        state = self._word[rows].astype(np.float32) * self._word_scale[rows, None]
        state = _normalise(state + self._position[order], self._norm)
        means = []
        for number, layer in enumerate(self._layers):
            state = layer.apply(state, spans, self._heads)
            if number in {0, len(self._layers) - 1}:
                means.append(_mean(state, spans))
        return np.concatenate(means, axis=1)


class _Layer:
    """Self-attention and a feed-forward step, each added to its input and normalised."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        import numpy as np

        def matrix(name: str) -> Array:
            scaled: Array = stored[name].astype(np.float32) * stored[f"{name}_scale"].astype(
                np.float32
            )
            return scaled

        def rows(name: str) -> Array:
            array: Array = stored[name].astype(np.float32)
            return array

        self._attend = (matrix("attend"), rows("attend_bias"))
        self._gather = (matrix("gather"), rows("gather_bias"), rows("gather_norm"))
        self._widen = (matrix("widen"), rows("widen_bias"))
        self._narrow = (matrix("narrow"), rows("narrow_bias"), rows("narrow_norm"))

    def apply(self, state: Array, spans: Sequence[slice], heads: int) -> Array:
        import numpy as np

        asked = state @ self._attend[0] + self._attend[1]
        seen: Array = np.concatenate([_attend(asked[span], heads) for span in spans])
        state = _normalise(state + seen @ self._gather[0] + self._gather[1], self._gather[2])
        wide = _gelu(state @ self._widen[0] + self._widen[1])
        return _normalise(state + wide @ self._narrow[0] + self._narrow[1], self._narrow[2])


def _attend(asked: Array, heads: int) -> Array:
    """Attention within one text; the columns are queries, keys and values, head by head."""
    import numpy as np

    count, columns = asked.shape
    size = columns // (3 * heads)
    query, key, value = asked.reshape(count, 3, heads, size).transpose(1, 2, 0, 3)
    weight = query @ key.transpose(0, 2, 1) / np.float32(size**0.5)
    weight = np.exp(weight - weight.max(axis=2, keepdims=True))
    weight /= weight.sum(axis=2, keepdims=True)
    seen: Array = (weight @ value).transpose(1, 0, 2).reshape(count, heads * size)
    return seen


def _mean(state: Array, spans: Sequence[slice]) -> Array:
    """The mean of each span, at length one."""
    import numpy as np

    means: Array = np.stack([state[span].mean(axis=0) for span in spans])
    lengths: Array = np.sqrt((means * means).sum(axis=1, keepdims=True))
    return means / lengths


def _normalise(state: Array, norm: Array) -> Array:
    import numpy as np

    state = state - state.mean(axis=1, keepdims=True)
    spread = np.sqrt((state * state).mean(axis=1, keepdims=True) + np.float32(_NORM_EPSILON))
    normal: Array = state / spread * norm[0] + norm[1]
    return normal


def _gelu(values: Array) -> Array:
    import numpy as np

    inner = np.float32(_GELU_SCALE) * (values + np.float32(_GELU_CUBE) * values * values * values)
    bent: Array = values * (np.float32(0.5) + np.float32(0.5) * np.tanh(inner))
    return bent
