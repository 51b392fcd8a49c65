"""What one word of a folded text comes to: its words for phrases and the listed term in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from ayinel_live.moderation.folding import fold_word, may_be_drawn
from ayinel_live.moderation.lexicon import Lexicon, lexicon
from ayinel_live.moderation.model import Category
from ayinel_live.moderation.phrases import Hit
from ayinel_live.moderation.slang import SLANG, word_set

_WORD_LENGTH_MAX: Final = 48
_APOSTROPHES: Final = re.compile("['\u2019`]")
_PART: Final = re.compile("[^\\W_]+(?:['\u2019`][^\\W_]+)*")
_LINK: Final = re.compile(r"://|^www\.|[a-z0-9]\.[a-z]{2,}/")
_DISGUISED_FROM: Final = 0.35
_LETTER_SYMBOLS: Final = frozenset("@$!|+(<")
_STARS: Final = frozenset("*#")
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
    bare = token.rstrip(".,!?;:")
    if bare.isalpha() and bare.isascii():
        if lexicon().knows_nothing_of(bare) and not may_be_drawn(bare):
            return WordFacts((bare,), (bare,), (bare,), None)
        readings = fold_word(bare)
        hit, word = _find_listed((bare,), readings)
        spelt = [word or lexicon().resolve(bare) or bare]
        return WordFacts(SLANG.get(spelt[0], (spelt[0],)), (spelt[0],), readings, hit)
    parts = tuple(_APOSTROPHES.sub("", part) for part in _PART.findall(token))
    readings = parts if _LINK.search(token) else fold_word(token)
    hit, word = _find_listed(parts, readings)
    if hit is None and not _MASK.isdisjoint(token):
        hit, word = _unmask(token)
    if word is not None and len(parts) <= 1:
        spelt = [word]
    elif len(parts) > 2 and all(len(part) == 1 for part in parts):
        spelt = ["".join(parts)]
    else:
        disguised = _disguised(token, parts, readings)
        alone = readings if len(parts) == 1 else ()
        spelt = [disguised] if disguised else [_spell(part, alone) for part in parts]
    words = tuple(out for one in spelt for out in SLANG.get(one, (one,)))
    return WordFacts(words, tuple(spelt), readings, hit)


def _disguised(token: str, parts: tuple[str, ...], readings: Sequence[str]) -> str | None:
    """The known word that symbols inside a word stand for letters of."""
    if len(parts) < 2 or _LETTER_SYMBOLS.isdisjoint(token):
        return None
    known = (lexicon().resolve(reading) for reading in readings if reading not in parts)
    return next((word for word in known if word is not None and len(word) > 2), None)


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
    for reading in dict.fromkeys((*parts, *readings)):
        is_part = reading in parts
        if reading in book.allowed:
            if is_part and len(parts) == 1:
                return None, None
            continue
        known = book.resolve(reading)
        hit = book.words.get(known) if known else None
        is_plain = is_part and known == reading
        if hit is None and not is_part and known is not None:
            hit = _disguised_insult(book, known)
        if hit is None and len(reading) > 4:
            known = None
            hit = book.find_stem(reading) or book.unspaced.get(reading)
            is_plain = is_part and hit is not None and not hit.evasive
        if hit is not None and (best is None or hit.weight > best.weight):
            best, best_word = hit._replace(evasive=not is_plain), known or reading
    return best, best_word


def _disguised_insult(book: Lexicon, word: str) -> Hit | None:
    weight = book.insults.get(word, 0.0)
    return Hit(Category.HARASSMENT, weight) if weight >= _DISGUISED_FROM else None


def _unmask(token: str) -> tuple[Hit | None, str | None]:
    masked = token.strip("!?.,;:\"'()[]").rstrip("-_")
    if not masked[:1].isalpha() or not 3 <= len(masked) <= 14 or _MASK.isdisjoint(masked):
        return None, None
    book = lexicon()
    shown = sum(map(str.isalpha, masked))
    is_starred = not _STARS.isdisjoint(masked) and shown >= len(masked) / 2 and shown > 2
    candidates = book.by_length.get(len(masked), ()) if is_starred else ()
    for term in (*_MASKABLE, *candidates):
        if len(term) == len(masked) and all(map(_is_shown_or_masked, masked, term)):
            hit = book.words.get(term) or Hit(Category.HARASSMENT, book.insults.get(term, 0.55))
            return hit._replace(evasive=True), term
    return None, None


def _is_shown_or_masked(shown: str, letter: str) -> bool:
    return shown == letter or shown in _MASK
