"""Which messages a classifier for English is asked about."""

from __future__ import annotations

import pytest

from ayinel_live.moderation.language import reads_as_english


@pytest.mark.parametrize(
    "text", ["gg wp", "you are the best", "KEKW", "123", "", "nice café", "pog 🎉", "el primo lol"]
)
def test_english_and_slang_read_as_english(text: str) -> None:
    assert reads_as_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "привет всем",
        "你好",
        "que te pasa con la cámara",
        "das ist nicht gut",
        "je suis dans le jeu",
    ],
)
def test_other_languages_do_not(text: str) -> None:
    assert not reads_as_english(text)
