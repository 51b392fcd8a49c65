"""A channel's own terms, compiled once for each version of its settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ayinel_live.moderation.folding import fold_text, fold_word, squeeze
from ayinel_live.moderation.model import Decision, ModerationSettings, TermKind
from ayinel_live.moderation.slang import canonical_words
from ayinel_live.moderation.words import WordFacts, word_facts

_WEIGHTS: Final = {Decision.HOLD: 0.6, Decision.REJECT: 0.97}
_Runs = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChannelTerms:
    """A channel's blocked and allowed terms, folded as messages are.

    Attributes:
        is_used: Whether the channel blocks anything of its own.
        exact: Weight by folded word.
        stretched: For each blocked word without repeated letters, how long its runs are.
        prefixes: Folded prefixes with their weights.
        phrases: Folded phrases, spaces at both ends, with their weights.
        allowed: Words that never count as a built-in term here.
        allowed_phrases: Phrases that never count as a built-in phrase here.
    """

    is_used: bool
    exact: dict[str, float]
    stretched: dict[str, tuple[_Runs, float]]
    prefixes: tuple[tuple[str, float], ...]
    phrases: tuple[tuple[str, float], ...]
    allowed: frozenset[str]
    allowed_phrases: frozenset[str]

    def find(self, facts: Sequence[WordFacts]) -> float:
        """The weight of the heaviest own term in a message.

        Args:
            facts: What each word of the message comes to.

        Returns:
            0 where there is none.
        """
        found = [self._find_word(reading) for fact in facts for reading in fact.readings]
        bare = [word for fact in facts for word in fact.bare]
        found += [self._find_word(joined) for joined in _spelt_out(bare)]
        if self.phrases:
            words = [word for fact in facts for word in fact.words]
            for text in (bare, words, [f.readings[0] for f in facts if f.readings]):
                line = f" {' '.join(text)} "
                found += [weight for phrase, weight in self.phrases if phrase in line]
        return max(found, default=0.0)

    def without_allowed(self, text: str) -> str:
        """A message without the channel's allowed words, for those who know nothing of them.

        Args:
            text: The message as it was sent.

        Returns:
            The same text where nothing is allowed beyond the usual.
        """
        if not (self.allowed or self.allowed_phrases):
            return text
        tokens = [
            token
            for token in fold_text(text).split()
            if self.allowed.isdisjoint(word_facts(token).readings)
        ]
        bare = f" {' '.join(word for token in tokens for word in word_facts(token).bare)} "
        for phrase in self.allowed_phrases:
            if f" {phrase} " in bare:
                bare = bare.replace(f" {phrase} ", " ")
                tokens = bare.split()
        return " ".join(tokens)

    def _find_word(self, reading: str) -> float:
        weight = self.exact.get(reading, 0.0)
        for prefix, prefix_weight in self.prefixes:
            if prefix_weight > weight and reading.startswith(prefix):
                weight = prefix_weight
        if not weight:
            letters, runs = squeeze(reading)
            wanted = self.stretched.get(letters)
            if wanted and all(have >= want for have, want in zip(runs, wanted[0], strict=True)):
                weight = wanted[1]
        return weight


def compile_channel_terms(settings: ModerationSettings) -> ChannelTerms:
    """The channel's terms, compiled at the first message under these settings."""
    return _compile(settings.version, _Unhashed(settings))


class _Unhashed:
    """Carries the settings past the cache, whose key is their version."""

    def __init__(self, settings: ModerationSettings) -> None:
        self.settings = settings

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unhashed)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _compile(version: str, carried: _Unhashed) -> ChannelTerms:
    settings = carried.settings
    exact: dict[str, float] = {}
    prefixes: list[tuple[str, float]] = []
    phrases: list[tuple[str, float]] = []
    for blocked in settings.blocked_terms:
        words = _bare_words(blocked.term)
        weight = _WEIGHTS[blocked.decision]
        if blocked.kind is TermKind.PHRASE or len(words) > 1:
            phrases.append((f" {' '.join(words)} ", weight))
            phrases.append((f" {' '.join(canonical_words(' '.join(words)))} ", weight))
        elif blocked.kind is TermKind.PREFIX:
            prefixes.append((words[0], weight))
        else:
            exact[words[0]] = max(weight, exact.get(words[0], 0.0))
    allowed = [_bare_words(term) for term in settings.allowed_terms]
    return ChannelTerms(
        is_used=bool(settings.blocked_terms),
        exact=exact,
        stretched={
            letters: (runs, weight)
            for word, weight in exact.items()
            if len(word) > 2
            for letters, runs in (squeeze(word),)
        },
        prefixes=tuple(prefixes),
        phrases=tuple(dict.fromkeys(phrases)),
        allowed=frozenset(words[0] for words in allowed if len(words) == 1),
        allowed_phrases=frozenset(" ".join(words) for words in allowed if len(words) > 1),
    )


def _bare_words(term: str) -> list[str]:
    return [fold_word(word)[0] for word in fold_text(term).split() if fold_word(word)]


def _spelt_out(words: Sequence[str]) -> list[str]:
    runs: list[str] = [""]
    for word in words:
        if len(word) == 1:
            runs[-1] += word
        else:
            runs.append("")
    return [run for run in runs if len(run) > 2]
