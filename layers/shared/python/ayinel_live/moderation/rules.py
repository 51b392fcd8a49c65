"""The rule tier: pure, deterministic, and cheap enough for the send path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from ayinel_live.moderation.channel_terms import ChannelTerms, compile_channel_terms
from ayinel_live.moderation.context import (
    weigh_group_attacks,
    weigh_insults,
    weigh_listed,
    weigh_phrase,
)
from ayinel_live.moderation.emoji import spell_out
from ayinel_live.moderation.folding import fold_text, fold_word
from ayinel_live.moderation.lexicon import lexicon
from ayinel_live.moderation.model import (
    Category,
    Decision,
    ModerationSettings,
    Strictness,
    Tier,
    Verdict,
)
from ayinel_live.moderation.phrases import Hit
from ayinel_live.moderation.slang import SLANG, word_set
from ayinel_live.moderation.surface import (
    find_duplicate,
    find_link,
    find_personal_data,
    find_shouting_and_repeats,
)
from ayinel_live.moderation.words import WordFacts, word_facts

HOLD_AT: Final[Mapping[Strictness, float]] = MappingProxyType(
    {Strictness.OFF: 2.0, Strictness.LOW: 0.75, Strictness.MEDIUM: 0.5, Strictness.HIGH: 0.28}
)
"""Score from which a message is held, by strictness; no score reaches 2."""

REJECT_AT: Final[Mapping[Strictness, float]] = MappingProxyType(
    {Strictness.OFF: 2.0, Strictness.LOW: 0.94, Strictness.MEDIUM: 0.85, Strictness.HIGH: 0.7}
)
"""Score from which a message is rejected, by strictness."""

_SPLIT_TERMS: Final = word_set(
    """
    fuck fucks fucked fucker fuckers fucking nigger niggers nigga niggas faggot faggots bitch
    bitches cunt cunts shit retard retarded retards asshole assholes whores kys pussy
    motherfucker
    """
)
_SPELT_OUT_MIN: Final = 3
_NOTHING_FOUND: Final = Verdict()


class Findings(NamedTuple):
    """Scores by category before a channel's strictness, and the words they were found in."""

    scores: dict[Category, float]
    words: list[str]


def moderate_with_rules(
    text: str, settings: ModerationSettings, recent: Sequence[str] = ()
) -> Verdict:
    """Judges a message by rules alone: no network, no clock, the same answer every time.

    Args:
        text: The message as it was sent.
        settings: Those of the channel.
        recent: The sender's recent messages on the channel, for the near-duplicate rule.

    Returns:
        The verdict of the rule tier.
    """
    scores = find(text, settings, recent).scores
    return decide(scores, settings, Tier.RULES) if scores else _NOTHING_FOUND


def find(text: str, settings: ModerationSettings, recent: Sequence[str] = ()) -> Findings:
    """Collects what the rules find in a message.

    Args:
        text: The message as it was sent.
        settings: Those of the channel.
        recent: The sender's recent messages on the channel.

    Returns:
        A score in 0..1 for each category that was found, and the words.
    """
    said = spell_out(text)
    folded = fold_text(said)
    tokens = folded.split()
    facts = [word_facts(token) for token in tokens]
    words, hidden = _read_words(facts)
    terms = compile_channel_terms(settings)
    scores = combine(_collect_hits(said, tokens, facts, words, hidden, terms))
    if terms.is_used and (weight := terms.find(facts)):
        scores[Category.BLOCKED_TERM] = weight
    if weight := find_link(folded, settings):
        scores[Category.LINK] = weight
    if settings.personal_data_held and (weight := find_personal_data(folded)):
        scores[Category.PERSONAL_DATA] = weight
    scores.update(find_shouting_and_repeats(text, tokens, settings))
    before = [fold_text(spell_out(earlier)) for earlier in recent]
    if before and (weight := find_duplicate(folded, before, settings)):
        scores[Category.DUPLICATE] = weight
    return Findings(scores, words)


def decide(scores: Mapping[Category, float], settings: ModerationSettings, tier: Tier) -> Verdict:
    """Turns scores into a verdict by the channel's strictness.

    Args:
        scores: Score in 0..1 by category.
        settings: Those of the channel.
        tier: Who scored.

    Returns:
        Reject where any category passes its upper bound, hold where any passes its lower.
    """
    counted, is_rejected = [], False
    for category, score in scores.items():
        level = settings.levels.of(category)
        if score >= HOLD_AT[level]:
            counted.append(category)
            is_rejected = is_rejected or score >= REJECT_AT[level]
    counted.sort(key=scores.__getitem__, reverse=True)
    decision = Decision.REJECT if is_rejected else Decision.HOLD if counted else Decision.ALLOW
    return Verdict(
        decision=decision,
        categories=tuple(counted),
        scores={category: round(score, 3) for category, score in scores.items()},
        tier=tier,
    )


def combine(hits: Sequence[Hit]) -> dict[Category, float]:
    """Scores by category: the chance that not every hit of it is an accident."""
    innocent: dict[Category, float] = {}
    for category, weight, _ in hits:
        innocent[category] = innocent.get(category, 1.0) * (1.0 - weight)
    return {category: 1.0 - chance for category, chance in innocent.items()}


def _collect_hits(
    text: str,
    tokens: Sequence[str],
    facts: Sequence[WordFacts],
    words: Sequence[str],
    hidden: Sequence[str],
    terms: ChannelTerms,
) -> list[Hit]:
    hits, excused = _find_phrases(words, terms)
    raw = None if text.isascii() else text.lower()
    for token, fact in zip(tokens, facts, strict=True):
        hit = fact.hit
        if hit is None or (excused and not excused.isdisjoint((*fact.readings, *fact.words))):
            continue
        if raw is not None and token not in raw:
            hit = hit._replace(evasive=True)
        hits.append(weigh_listed(hit, fact.words[0] if fact.words else "", words))
    hits += weigh_insults(words, lexicon(), excused)
    hits += weigh_group_attacks(words, lexicon())
    for joined in hidden:
        if joined not in excused:
            hits += _weigh_hidden(joined)
    return hits


def _find_phrases(words: Sequence[str], terms: ChannelTerms) -> tuple[list[Hit], frozenset[str]]:
    """Hits of listed phrases, and the words that an allowed term or phrase excuses."""
    text = f" {' '.join(words)} "
    found = [(end, *value) for end, value in lexicon().phrases.iter(text)]
    excused = terms.allowed
    pardoned = [(end + 1 - length, end + 1) for end, length, hit in found if hit is None]
    for phrase in terms.allowed_phrases:
        start = text.find(f" {phrase} ")
        pardoned += [(start, start + len(phrase) + 2)] if start >= 0 else []
    for start, stop in pardoned:
        excused |= frozenset(text[start:stop].split())
    hits = [
        weigh_phrase(hit, words, text[: end + 1 - length].split())
        for end, length, hit in found
        if hit is not None
        and not any(start <= end + 1 - length and end < stop for start, stop in pardoned)
        and not (terms.allowed and terms.allowed & set(text[end + 1 - length : end + 1].split()))
    ]
    return hits, excused


def _read_words(facts: Sequence[WordFacts]) -> tuple[list[str], list[str]]:
    """The words of a message, and those among them that were `s p e l t` or `spl it` up."""
    bare = [word for fact in facts for word in fact.bare]
    hidden = [one + two for one, two in pairwise(bare) if one + two in _SPLIT_TERMS and one and two]
    if len([word for word in bare if len(word) == 1]) < _SPELT_OUT_MIN:
        return [word for fact in facts for word in fact.words], hidden
    words: list[str] = []
    for is_letter, run in groupby(bare, lambda word: len(word) == 1):
        group = list(run)
        if is_letter and len(group) >= _SPELT_OUT_MIN:
            group = ["".join(group)]
            hidden += group
        words += [out for word in group for out in SLANG.get(word, (word,))]
    return words, hidden


def _weigh_hidden(joined: str) -> list[Hit]:
    book = lexicon()
    for reading in fold_word(joined):
        known = book.resolve(reading)
        hit = (book.words.get(known) if known else None) or book.find_stem(reading)
        if hit is None and known is not None and known in book.insults:
            hit = Hit(Category.HARASSMENT, book.insults[known])
        if hit is None:
            hit = book.phrases.get(f" {reading} ", (0, None))[1]
        if hit is not None:
            return [weigh_listed(hit._replace(evasive=True), joined, ())]
    return []
