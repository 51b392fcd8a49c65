"""A message as the encoder's training text was written: words without disguise."""

from __future__ import annotations

from collections.abc import Iterator

from ayinel_live.moderation.emoji import spell_out
from ayinel_live.moderation.folding import fold_text
from ayinel_live.moderation.slang import SLANG
from ayinel_live.moderation.words import word_facts


def plain_text(text: str) -> str:
    """Folds a message, undoes disguises and writes chat spellings out.

    Args:
        text: The message as it was sent.

    Returns:
        Lower-case words; those that need no undoing keep their apostrophes and punctuation.
    """
    return " ".join(_plain_words(fold_text(spell_out(text))))


def _plain_words(folded: str) -> Iterator[str]:
    for token in folded.split():
        facts = word_facts(token)
        is_disguised = facts.hit is not None and facts.hit.evasive
        is_slang = len(facts.bare) == 1 and facts.bare[0] in SLANG and "'" not in token
        if is_disguised or is_slang or (facts.bare and not token.isascii()):
            yield from facts.words
        else:
            yield token
