"""Cutting words into the pieces of a vocabulary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.moderation.word_pieces import WordPieces

VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "un",
    "##install",
    "install",
    "!",
    "##s",
    "u",
    "n",
]
PIECES = WordPieces(VOCABULARY)


def pieces(text: str, length_max: int = 20) -> list[str]:
    return [VOCABULARY[place] for place in PIECES.encode(text, length_max)]


def test_longest_piece_comes_first() -> None:
    assert pieces("uninstalls un!") == ["[CLS]", "un", "##install", "##s", "un", "!", "[SEP]"]


def test_word_that_cannot_be_cut_is_unknown_as_a_whole() -> None:
    assert pieces("unx install") == ["[CLS]", "[UNK]", "install", "[SEP]"]


def test_long_text_keeps_its_beginning_and_its_end_mark() -> None:
    assert pieces("un " * 50, 4) == ["[CLS]", "un", "un", "[SEP]"]


@given(st.text(max_size=60))
def test_any_text_is_cut_within_bounds(text: str) -> None:
    found = PIECES.encode(text, 8)
    assert 2 <= len(found) <= 8
    assert all(0 <= place < len(VOCABULARY) for place in found)
