"""A message as the classifiers' training text was written: words without disguise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ayinel_live.moderation.context import PRAISE, PRAISED, SECOND_PERSON, THIRD_PERSON
from ayinel_live.moderation.folding import fold_text
from ayinel_live.moderation.lexicon import lexicon
from ayinel_live.moderation.slang import SLANG
from ayinel_live.moderation.words import word_facts

_EDGES: Final = "!?.,;:\"'()[]*~-"
_APOSTROPHE: Final = re.compile("['\u2019]")
_ONESELF: Final = frozenset(["i", "im", "my", "we"])
_WEAK: Final = 0.5


def plain_text(text: str) -> str:
    """Folds a message, undoes disguises and writes chat spellings out.

    Args:
        text: The message as it was sent.

    Returns:
        Lower-case words; those that need no undoing keep their apostrophes and punctuation.
    """
    return " ".join(_plain_words(fold_text(text)))


def _plain_words(folded: str) -> Iterator[str]:
    for token in folded.split():
        facts = word_facts(token)
        is_disguised = facts.hit is not None and facts.hit.evasive
        is_slang = len(facts.bare) == 1 and facts.bare[0] in SLANG and "'" not in token
        if is_disguised or is_slang or (facts.bare and not token.isascii()):
            yield from facts.words
        else:
            yield token


def without_misleading_words(plain: str) -> str:
    """Leaves out words that classifiers take amiss where nothing else speaks against them.

    Models that learnt from web comments count a group's name, a game's violence and a cheer's
    expletive as attacks. What remains decides whether the message is one.

    Args:
        plain: A text from `plain_text`.

    Returns:
        The text without names of groups, without violence that is not aimed at the reader, and,
        in praise, in talk of oneself or of things, without expletives.
    """
    book = lexicon()
    tokens = plain.split()
    words = [_APOSTROPHE.split(token.strip(_EDGES))[0] for token in tokens]
    is_of_oneself = not _ONESELF.isdisjoint(words[:1])
    is_kind = is_of_oneself or not PRAISE.isdisjoint(words)
    is_aimed = not SECOND_PERSON.isdisjoint(words)
    is_of_things = not is_aimed and THIRD_PERSON.isdisjoint(words)
    kept = []
    for place, (token, word) in enumerate(zip(tokens, words, strict=True)):
        is_violence = word in book.violence and SECOND_PERSON.isdisjoint(
            words[place + 1 : place + 3]
        )
        is_idle = (is_of_things or (is_kind and not is_aimed)) and (
            word in book.expletives
            or book.insults.get(word, 1.0) < _WEAK
            or (is_of_oneself and is_of_things and word in book.insults)
        )
        is_boost = word in book.expletives and not PRAISED.isdisjoint(words[place + 1 : place + 2])
        if not (is_violence or is_idle or is_boost or word in book.identity):
            kept.append(token)
    return " ".join(kept)
