"""Listed phrases: written as templates, searched for all at once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import ahocorasick

from ayinel_live.moderation.model import Category
from ayinel_live.moderation.slang import canonical_words

_UNSPACED_FROM: Final = 0.9
_UNSPACED_SPACES: Final = 4
_BRACKETS: Final = re.compile(r"[()|]")
_GROUP: Final = re.compile(r"\(([^()]*)\)")
_WRITTEN_WITHOUT_SPACES: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

Templates = Mapping[str, Mapping[str, list[str]]]
"""Templates by category and weight."""


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


class Phrases:
    """Collects phrases and their words, and finds them in a text.

    Attributes:
        words: Every word of any phrase.
        automaton: Finds all phrases of a text in one pass; a value is the phrase's length and its
            hit, which is None for a phrase that excuses its words.
    """

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.automaton: Any = ahocorasick.Automaton()

    def add(self, phrase: str, hit: Hit | None) -> None:
        """Adds a phrase, or a term of a script that leaves no spaces between words."""
        if _WRITTEN_WITHOUT_SPACES.search(phrase):
            self.automaton.add_word(phrase, (len(phrase), hit))
            return
        words = canonical_words(phrase)
        self.words.update(words)
        self._add_canonical(" ".join(words), hit)

    def add_templates(self, templates: Templates) -> None:
        """Adds all phrases of templates."""
        for category, weights in templates.items():
            for weight, listed in weights.items():
                hit = Hit(Category(category), float(weight))
                for template in listed:
                    self.words.update(canonical_words(_BRACKETS.sub(" ", template)))
                    for phrase in expand_template(template):
                        self._add_canonical(phrase, hit)

    def _add_canonical(self, phrase: str, hit: Hit | None) -> None:
        key = f" {phrase} "
        known = self.automaton.get(key, None)
        if known is None or hit is None or known[1] is None or known[1].weight < hit.weight:
            self.automaton.add_word(key, (len(key), hit))


def is_phrase(term: str) -> bool:
    """Whether a listed term is looked for in the text, and not word by word."""
    return " " in term or _WRITTEN_WITHOUT_SPACES.search(term) is not None


def expand_template(template: str) -> Iterator[str]:
    """All phrases of a template: `(a|b|) c` stands for `a c`, `b c` and `c`.

    Args:
        template: Words, with alternatives in round brackets; groups do not nest.

    Yields:
        Each phrase, single spaced, with chat spellings written out.
    """
    options = [
        [" ".join(canonical_words(option)) for option in (piece.split("|") if i % 2 else [piece])]
        for i, piece in enumerate(_GROUP.split(template))
    ]
    for chosen in itertools.product(*options):
        yield " ".join(filter(None, chosen))


def without_spaces(templates: Templates) -> dict[str, Hit]:
    """Phrases that urge to self-harm as one word each, for those who leave the spaces out."""
    return {
        phrase.replace(" ", ""): Hit(Category.SELF_HARM, float(weight))
        for weight, listed in templates[Category.SELF_HARM].items()
        for template in listed
        for phrase in expand_template(template)
        if 0 < phrase.count(" ") < _UNSPACED_SPACES and float(weight) >= _UNSPACED_FROM
    }
