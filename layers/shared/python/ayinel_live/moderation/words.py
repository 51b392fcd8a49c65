"""What one word of a folded text comes to: its words for phrases and the listed term in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from ayinel_live.moderation.folding import fold_word
from ayinel_live.moderation.lexicon import SLANG, Hit, lexicon, word_set
from ayinel_live.moderation.model import Category

_WORD_LENGTH_MAX: Final = 48
_APOSTROPHES: Final = re.compile("['\u2019`]")
_PART: Final = re.compile("[^\\W_]+(?:['\u2019`][^\\W_]+)*")
_MASK: Final = frozenset("*#%_-.?")
_MASKABLE: Final = sorted(
    word_set(
        """
    fuck fucks fucked fucker fuckers fucking fuckin shit shits shitty bitch
    bitches cunt cunts nigger niggers nigga niggas faggot faggots fag fags
    whore whores pussy dick dicks cock ass asshole assholes bastard retard
    retards retarded motherfucker slut sluts rape
    """
    )
)


class WordFacts(NamedTuple):
    """What one word of a folded text comes to, whoever sends it.

    Attributes:
        words: The words it stands for, chat spellings written out.
        bare: The same as they are spelt.
        readings: What it may be read as.
        hit: The heaviest listed term in it.
    """

    words: tuple[str, ...]
    bare: tuple[str, ...]
    readings: tuple[str, ...]
    hit: Hit | None


@lru_cache(maxsize=16_384)
def word_facts(token: str) -> WordFacts:
    """Reads one word of a folded text; remembered, because chat repeats itself.

    Args:
        token: The word with whatever stands around it.

    Returns:
        Its words, readings and listed term.
    """
    token = token[:_WORD_LENGTH_MAX]
    parts = tuple(_APOSTROPHES.sub("", part) for part in _PART.findall(token))
    is_link = "/" in token or token.startswith("www.")
    readings = parts if is_link else fold_word(token)
    hit, word = _find_listed(parts, readings)
    if hit is None and not is_link and not _MASK.isdisjoint(token):
        hit, word = _unmask(token)
    if word is not None and len(parts) <= 1:
        spelt = [word]
    elif len(parts) > 2 and all(len(part) == 1 for part in parts):
        spelt = ["".join(parts)]
    else:
        spelt = [_spell(part, readings if len(parts) == 1 else ()) for part in parts]
    words = tuple(out for one in spelt for out in SLANG.get(one, (one,)))
    return WordFacts(words, tuple(spelt), readings, hit)


def _spell(part: str, readings: Sequence[str]) -> str:
    book = lexicon()
    known = book.resolve(part)
    if known is None and not part.isalpha():
        known = next((word for r in readings if (word := book.resolve(r))), None)
    return known or part


def _find_listed(
    parts: tuple[str, ...], readings: tuple[str, ...]
) -> tuple[Hit | None, str | None]:
    book = lexicon()
    best: Hit | None = None
    best_word: str | None = None
    for place, reading in enumerate(dict.fromkeys((*parts, *readings))):
        is_part = place < len(parts)
        if reading in book.allowed:
            if is_part and len(parts) == 1:
                return None, None
            continue
        known = book.resolve(reading)
        hit = book.words.get(known) if known else None
        plain = is_part and known == reading
        if hit is None and len(reading) > 4:
            known = None
            hit = book.find_stem(reading)
            plain = is_part and hit is not None and not hit.evasive
        if hit is not None and (best is None or hit.weight > best.weight):
            best, best_word = hit._replace(evasive=not plain), known or reading
    return best, best_word


def _unmask(token: str) -> tuple[Hit | None, str | None]:
    masked = token.strip("!?.,;:\"'()[]").rstrip("-_")
    if not masked[:1].isalpha() or not 3 <= len(masked) <= 14 or _MASK.isdisjoint(masked):
        return None, None
    pattern = re.compile("".join("." if c in _MASK else re.escape(c) for c in masked))
    for term in _MASKABLE:
        if pattern.fullmatch(term):
            hit = lexicon().words.get(term) or Hit(Category.HARASSMENT, 0.55)
            return hit._replace(evasive=True), term
    return None, None
