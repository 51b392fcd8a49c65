"""The built-in terms, insults and phrases, loaded once and indexed for one pass over a message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ayinel_live.moderation.folding import DATA, fold_text, has_long_run, squeeze
from ayinel_live.moderation.model import Category
from ayinel_live.moderation.phrases import Hit, Phrases, is_phrase, without_spaces
from ayinel_live.moderation.slang import SLANG

_TYPO_LETTERS_MIN: Final = 5


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything built in that a message is compared with."""

    words: Mapping[str, Hit]
    stems: tuple[tuple[str, Hit], ...]
    stem_pattern: re.Pattern[str]
    insults: Mapping[str, float]
    vocative: frozenset[str]
    identity: frozenset[str]
    allowed: frozenset[str]
    vocabulary: frozenset[str]
    typos: Mapping[str, str]
    squeezed: Mapping[str, tuple[tuple[tuple[int, ...], str], ...]]
    phrases: Any
    unspaced: Mapping[str, Hit]
    by_length: Mapping[int, tuple[str, ...]]

    def resolve(self, reading: str) -> str | None:
        """The known word that a reading stands for, with letters repeated three times or more.

        Args:
            reading: One reading of a word.

        Returns:
            The known word, or None.
        """
        if reading in self.vocabulary:
            return reading
        if reading in self.typos:
            return self.typos[reading]
        if not has_long_run(reading):
            return None
        letters, runs = squeeze(reading)
        for wanted, word in self.squeezed.get(letters, ()):
            if all(have >= want for have, want in zip(runs, wanted, strict=True)):
                return word
        return None

    def knows_nothing_of(self, word: str) -> bool:
        """Whether a plain word is in no list in any way: true of most words of most messages."""
        return (
            word not in self.vocabulary
            and word not in self.allowed
            and word not in self.typos
            and word not in self.unspaced
            and not has_long_run(word)
            and self.stem_pattern.search(word) is None
        )

    def find_stem(self, reading: str) -> Hit | None:
        """The heaviest stem inside a reading, whatever letters are drawn out."""
        best: Hit | None = None
        for found in self.stem_pattern.finditer(reading):
            stem, hit = self.stems[found.lastindex - 1] if found.lastindex else ("", None)
            if hit is not None and (best is None or hit.weight > best.weight):
                best = hit if stem in reading else hit._replace(evasive=True)
        return best


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Loads and indexes the built-in lists; the first call takes a tenth of a second or two."""
    terms = _read("terms.json")
    templates = _read("phrases.json")
    words: dict[str, Hit] = {}
    phrases = Phrases()
    for label, listed in terms["listed"].items():
        category, weight = label.split(":")
        hit = Hit(Category(category), float(weight))
        for term in map(fold_text, listed):
            if is_phrase(term):
                phrases.add(term, hit)
            else:
                words[term] = hit
    phrases.add_templates(templates)
    for phrase in terms["allowed_phrases"]:
        phrases.add(phrase, None)
    phrases.automaton.make_automaton()
    insults = {word: float(w) for w, listed in terms["insults"].items() for word in listed}
    vocabulary = frozenset().union(SLANG, phrases.words, words, insults)
    return _index(terms, words, insults, vocabulary, phrases, without_spaces(templates))


def _index(
    terms: Mapping[str, Any],
    words: Mapping[str, Hit],
    insults: Mapping[str, float],
    vocabulary: frozenset[str],
    phrases: Phrases,
    unspaced: Mapping[str, Hit],
) -> Lexicon:
    allowed = frozenset(terms["allowed"])
    stems = terms["stems"]
    single = [*insults, *words]
    return Lexicon(
        words=words,
        stems=tuple((stem, Hit(Category(c), weight)) for stem, (c, weight) in stems.items()),
        stem_pattern=re.compile("|".join(f"({_drawn_out(stem)})" for stem in stems)),
        insults=insults,
        vocative=frozenset(terms["vocative"]),
        identity=frozenset(terms["identity"]),
        allowed=allowed,
        vocabulary=vocabulary,
        typos=_typos(single, vocabulary | allowed),
        squeezed=index_squeezed(vocabulary),
        phrases=phrases.automaton,
        unspaced=unspaced,
        by_length=_by_length(single),
    )


def _typos(words: Iterable[str], words_of_their_own: Set[str]) -> dict[str, str]:
    """Words with two inner letters swapped or, in longer ones, an inner vowel left out."""
    typos: dict[str, str] = {}
    for word in words:
        if len(word) < _TYPO_LETTERS_MIN or " " in word:
            continue
        for i in range(1, len(word) - 1):
            mistakes = [word[:i] + word[i + 1] + word[i] + word[i + 2 :]]
            if len(word) > _TYPO_LETTERS_MIN and word[i] in "aeiou":
                mistakes.append(word[:i] + word[i + 1 :])
            typos.update((typo, word) for typo in mistakes if typo not in words_of_their_own)
    return typos


def _drawn_out(stem: str) -> str:
    letters, runs = squeeze(stem)
    pairs = zip(letters, runs, strict=True)
    return "".join(f"{letter}{{{run},}}" if run > 1 else f"{letter}+" for letter, run in pairs)


def _by_length(words: Iterable[str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for word in words:
        found.setdefault(len(word), []).append(word)
    return {length: tuple(alike) for length, alike in found.items()}


def index_squeezed(
    words: Iterable[str],
) -> dict[str, tuple[tuple[tuple[int, ...], str], ...]]:
    """Words by their letters without repeats, those with the longest runs first."""
    index: dict[str, list[tuple[tuple[int, ...], str]]] = {}
    for word in words:
        letters, runs = squeeze(word)
        index.setdefault(letters, []).append((runs, word))
    return {letters: tuple(sorted(found, reverse=True)) for letters, found in index.items()}


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / name).read_text("utf-8"))
    return loaded
