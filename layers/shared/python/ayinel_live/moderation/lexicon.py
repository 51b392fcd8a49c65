"""The built-in terms, insults and phrases, loaded once and indexed for one pass over a message."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import ahocorasick

from ayinel_live.moderation.folding import DATA, fold_text, has_long_run, squeeze
from ayinel_live.moderation.model import Category

SLANG: Final[Mapping[str, tuple[str, ...]]] = {
    "u": ("you",), "ya": ("you",), "yu": ("you",), "yall": ("you", "all"), "ye": ("you",),
    "r": ("are",), "ur": ("your",), "youre": ("you", "are"), "ure": ("you", "are"),
    "yr": ("your",), "yur": ("your",), "yo": ("yo",), "im": ("i", "am"), "ima": ("i", "will"),
    "imma": ("i", "will"), "ill": ("i", "will"), "gonna": ("going", "to"), "gon": ("going", "to"),
    "gunna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"),
    "urself": ("yourself",), "yourselves": ("yourself",), "urselves": ("yourself",),
    "yoself": ("yourself",), "yaself": ("yourself",), "uself": ("yourself",),
    "urslef": ("yourself",), "yourslef": ("yourself",), "youself": ("yourself",),
    "shud": ("should",), "shoulda": ("should", "have"), "pls": ("please",), "plz": ("please",),
    "dis": ("this",), "da": ("the",), "teh": ("the",), "mum": ("mom",), "mums": ("moms",),
    "mommas": ("moms",), "momma": ("mom",), "ppl": ("people",), "theyre": ("they", "are"),
    "hes": ("he", "is"), "shes": ("she", "is"), "thats": ("that", "is"), "ive": ("i", "have"),
    "aint": ("not",), "isnt": ("is", "not"), "arent": ("are", "not"), "wont": ("will", "not"),
    "ded": ("dead",), "kil": ("kill",), "stfu": ("shut", "the", "fuck", "up"),
    "gtfo": ("get", "the", "fuck", "out"), "fu": ("fuck", "you"), "fuk": ("fuck",),
    "fck": ("fuck",), "fk": ("fuck",), "fuq": ("fuck",), "fkn": ("fucking",),
    "fking": ("fucking",), "fuckin": ("fucking",), "fkin": ("fucking",), "fcking": ("fucking",),
    "fukin": ("fucking",), "fuking": ("fucking",), "effing": ("fucking",), "frickin": ("fucking",),
    "sht": ("shit",), "dik": ("dick",), "dic": ("dick",), "trsh": ("trash",), "tr4sh": ("trash",),
    "stoopid": ("stupid",), "stupit": ("stupid",), "uninstal": ("uninstall",),
    "unistall": ("uninstall",), "bich": ("bitch",), "btch": ("bitch",), "biatch": ("bitch",),
    "azz": ("ass",), "ahole": ("asshole",), "n": ("and",), "team8": ("teammate",),
    "hav": ("have",), "git": ("get",), "gud": ("good",), "suk": ("suck",), "sux": ("sucks",),
    "whats": ("what", "is"), "whos": ("who", "is"), "cus": ("because",), "cuz": ("because",),
    "coz": ("because",), "wud": ("would",), "bcs": ("because",), "tho": ("though",),
    "ez": ("ez",), "ezz": ("ez",), "izi": ("ez",), "izy": ("ez",),
}  # fmt: skip
"""Chat spellings as the words that phrases are written in."""

_UNSPACED_FROM: Final = 0.9
_TYPO_LETTERS_MIN: Final = 5
_UNSPACED_SPACES: Final = 5
_WRITTEN_WITHOUT_SPACES: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_GROUP: Final = re.compile(r"\(([^()]*)\)")


class Hit(NamedTuple):
    """A listed term that was found.

    Attributes:
        category: Its category.
        weight: How sure it is that the message is unwanted, in 0..1.
        evasive: Whether it took more than a plain reading to find it.
    """

    category: Category
    weight: float
    evasive: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything built in that a message is compared with."""

    words: Mapping[str, Hit]
    stems: tuple[tuple[str, Hit], ...]
    stem_pattern: re.Pattern[str]
    insults: Mapping[str, float]
    vocative: frozenset[str]
    violence: frozenset[str]
    identity: frozenset[str]
    expletives: frozenset[str]
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
    """Loads and indexes the built-in lists; the first call takes some ten milliseconds."""
    terms = _read("terms.json")
    words: dict[str, Hit] = {}
    phrases = ahocorasick.Automaton()
    vocabulary = set(SLANG)
    for label, listed in terms["listed"].items():
        category, weight = label.split(":")
        hit = Hit(Category(category), float(weight))
        for term in map(fold_text, listed):
            if term.isascii() and " " not in term:
                words[term] = hit
            elif " " not in term and _WRITTEN_WITHOUT_SPACES.search(term):
                phrases.add_word(term, (len(term), hit))
            elif " " in term:
                _add_phrase(phrases, term, hit, vocabulary)
            else:
                words[term] = hit
    for category, weights in _read("phrases.json").items():
        for weight, templates in weights.items():
            hit = Hit(Category(category), float(weight))
            for phrase in itertools.chain.from_iterable(map(expand_template, templates)):
                _add_phrase(phrases, phrase, hit, vocabulary)
    for phrase in terms["allowed_phrases"]:
        _add_phrase(phrases, phrase, None, vocabulary)
    phrases.make_automaton()
    stems = terms["stems"]
    allowed = frozenset(terms["allowed"])
    insults = {word: float(w) for w, listed in terms["insults"].items() for word in listed}
    vocabulary.update(words, insults)
    return Lexicon(
        words=words,
        stems=tuple((stem, Hit(Category(c), weight)) for stem, (c, weight) in stems.items()),
        stem_pattern=re.compile("|".join(f"({_drawn_out(stem)})" for stem in stems)),
        insults=insults,
        vocative=frozenset(terms["vocative"]),
        violence=frozenset(terms["violence"]),
        identity=frozenset(terms["identity"]),
        expletives=frozenset(terms["expletives"]),
        allowed=allowed,
        vocabulary=frozenset(vocabulary),
        typos=_typos([*insults, *words], vocabulary | allowed),
        squeezed=index_squeezed(vocabulary),
        phrases=phrases,
        unspaced=_without_spaces(phrases),
        by_length=_by_length([*insults, *words]),
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


def _without_spaces(phrases: Any) -> dict[str, Hit]:
    """The heaviest phrases as one word each, for those who leave the spaces out."""
    return {
        key.replace(" ", ""): hit
        for key, (_, hit) in phrases.items()
        if hit is not None
        and hit.weight >= _UNSPACED_FROM
        and 2 < key.count(" ") < _UNSPACED_SPACES
    }


def _by_length(words: Iterable[str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for word in words:
        found.setdefault(len(word), []).append(word)
    return {length: tuple(alike) for length, alike in found.items()}


def expand_template(template: str) -> Iterator[str]:
    """All phrases of a template: `(a|b|) c` stands for `a c`, `b c` and `c`.

    Args:
        template: Words, with alternatives in round brackets; groups do not nest.

    Yields:
        Each phrase, single spaced.
    """
    pieces = _GROUP.split(template)
    options = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    for chosen in itertools.product(*options):
        yield " ".join(" ".join(chosen).split())


def word_set(words: str) -> frozenset[str]:
    """The words of a text as a set, for lists that read better as prose."""
    return frozenset(words.split())


def canonical_words(phrase: str) -> list[str]:
    """The words of a phrase with chat spellings written out."""
    return [word for spelt in phrase.split() for word in SLANG.get(spelt, (spelt,))]


def index_squeezed(
    words: Iterable[str],
) -> dict[str, tuple[tuple[tuple[int, ...], str], ...]]:
    """Words by their letters without repeats, those with the longest runs first."""
    index: dict[str, list[tuple[tuple[int, ...], str]]] = {}
    for word in words:
        letters, runs = squeeze(word)
        index.setdefault(letters, []).append((runs, word))
    return {letters: tuple(sorted(found, reverse=True)) for letters, found in index.items()}


def _add_phrase(phrases: Any, phrase: str, hit: Hit | None, vocabulary: set[str]) -> None:
    words = canonical_words(phrase)
    vocabulary.update(words)
    key = f" {' '.join(words)} "
    known = phrases.get(key, None)
    if known is None or hit is None or known[1] is None or known[1].weight < hit.weight:
        phrases.add_word(key, (len(key), hit))


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / name).read_text("utf-8"))
    return loaded
