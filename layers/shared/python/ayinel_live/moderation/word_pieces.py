"""Cuts text into the word pieces that the encoder was trained on (WordPiece, Wu et al. 2016)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_TOKEN: Final = re.compile(r"[^\W_]+|[^\s\w]|_")
_WORD_LENGTH_MAX: Final = 48
_WORDS_REMEMBERED_MAX: Final = 16_384
_START: Final = "[CLS]"
_END: Final = "[SEP]"
_UNKNOWN: Final = "[UNK]"
_INSIDE: Final = "##"


class WordPieces:
    """A vocabulary of word pieces, longest match first."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Takes the pieces in the order of the encoder's rows.

        Args:
            vocabulary: The pieces; those that go on with a word begin with `##`.
        """
        self._places = {piece: place for place, piece in enumerate(vocabulary)}
        self._start = self._places[_START]
        self._end = self._places[_END]
        self._unknown = self._places[_UNKNOWN]
        self._remembered: dict[str, list[int]] = {}

    def encode(self, text: str, length_max: int) -> list[int]:
        """The rows of a text's pieces, between those of its start and end.

        Args:
            text: Lower-case text.
            length_max: How many rows at most; the rest of a longer text is left out.

        Returns:
            At least the rows of start and end.
        """
        places = [self._start]
        for found in _TOKEN.finditer(text):
            places += self._pieces(found.group())
            if len(places) >= length_max:
                break
        return [*places[: length_max - 1], self._end]

    def _pieces(self, word: str) -> list[int]:
        known = self._remembered.get(word)
        if known is None:
            known = self._cut(word[:_WORD_LENGTH_MAX])
            if len(self._remembered) < _WORDS_REMEMBERED_MAX:
                self._remembered[word] = known
        return known

    def _cut(self, word: str) -> list[int]:
        places: list[int] = []
        start = 0
        while start < len(word):
            prefix = _INSIDE if start else ""
            for stop in range(len(word), start, -1):
                place = self._places.get(prefix + word[start:stop])
                if place is not None:
                    break
            else:
                return [self._unknown]
            places.append(place)
            start = stop
        return places
