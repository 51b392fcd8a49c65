"""Emoji that stand for words, written out: a clown said to somebody is the word, drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ayinel_live.moderation.slang import canonical_words, word_set
from ayinel_live.moderation.word_groups import SECOND_PERSON, THIRD_PERSON

_WORDS: Final[Mapping[str, str]] = {
    "🤡": "clown", "💩": "shit", "🖕": "fuck you", "🗑": "trash", "🚮": "trash",
    "🐒": "monkey", "🐵": "monkey", "🦍": "ape", "🦧": "ape",
    "🍆": "eggplant", "🔫": "shoot", "🪢": "rope",
}  # fmt: skip
_GESTURE: Final = "🖕"
# The same one several times is said once; colours of skin and of presentation are its own.
_LOOKS: Final = "\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u200d"
_RUN: Final = re.compile(f"([{''.join(_WORDS)}])(?:[{_LOOKS}\\s]|\\1)*")
# Somebody is spoken to or of; otherwise the clown may be a costume and the pig a pet.
_ABOUT_SOMEBODY: Final = (
    SECOND_PERSON
    | THIRD_PERSON
    | word_set("hey ok okay such what absolute total utter eat suck himself herself imagine")
)
_WORD: Final = re.compile(r"\w+")


def spell_out(text: str) -> str:
    """Writes emoji that are used as words as those words, where the message is about somebody.

    Args:
        text: The message as it was sent.

    Returns:
        The text, each run of such an emoji replaced by its word; the gesture in any message.
    """
    if text.isascii() or not _RUN.search(text):
        return text
    if _GESTURE not in text and not _is_about_somebody(text):
        return text
    return _RUN.sub(lambda found: f" {_WORDS[found[1]]} ", text)


def _is_about_somebody(text: str) -> bool:
    words = canonical_words(" ".join(_WORD.findall(text.lower().replace("'", ""))))
    return not _ABOUT_SOMEBODY.isdisjoint(words)
