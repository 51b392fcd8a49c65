"""What stands around a term: whom it is said to, and whether it is meant as it reads."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final

from ayinel_live.moderation.lexicon import Lexicon
from ayinel_live.moderation.model import Category
from ayinel_live.moderation.phrases import Hit
from ayinel_live.moderation.word_groups import (
    CHEERFUL,
    COPULA,
    DEGRADING,
    EXCLAIMING,
    FIRST_PERSON,
    IN_EARNEST,
    IN_PLAY,
    INSULTED_NOUN,
    INTENDING,
    INTENSIFIER,
    LEADING_ON,
    LINKING,
    NEGATION,
    ONESELF,
    OWN,
    POINTING,
    POSSESSIVE,
    PRAISE,
    REPORTING,
    SECOND_PERSON,
    THINGS,
    THIRD_PERSON,
)

_GROUP_ATTACK: Final = 0.7
_PERSONAL: Final = 0.44
_STRONG: Final = 0.5
_DIRECTED_GAIN: Final = 0.3
_AIMED_GAIN: Final = 0.15
_OF_THINGS_SHARE: Final = 0.7
_EVASIVE_GAIN: Final = 0.25
_EVASIVE_FLOOR: Final = 0.55
_EXCLAMATION_MAX: Final = 0.2
_CHEERFUL_SHARE: Final = 0.6
_SENTENCE_WORDS: Final = 3
_OF_NOBODY_SHARE: Final = 0.8
_ALONE_FROM: Final = 0.44
_SAID_OF_THINGS_SHARE: Final = 0.5
_CALLED_GAIN: Final = 0.1


def weigh_listed(hit: Hit, word: str, words: Sequence[str]) -> Hit:
    """A listed term's weight in its message.

    Args:
        hit: The term as it was found.
        word: The word that it is or stands in.
        words: All words of the message.

    Returns:
        Heavier where it was hidden (nobody hides what is harmless); lighter where a slur is
        reported and where strong language only cheers. Mere exclamations stay as they are:
        people stretch those for joy.
    """
    if hit.weight < _EXCLAMATION_MAX:
        return hit
    if hit.evasive:
        return hit._replace(weight=min(0.98, max(_EVASIVE_FLOOR, hit.weight + _EVASIVE_GAIN)))
    if hit.category is Category.HATE and not REPORTING.isdisjoint(words):
        place = words.index(word) if word in words else 0
        if not REPORTING.isdisjoint(words[max(0, place - 3) : place]):
            return hit._replace(weight=hit.weight * 0.5)
    if hit.category is Category.HARASSMENT and _is_of_things(words, words):
        return hit._replace(weight=hit.weight * _SAID_OF_THINGS_SHARE)
    if hit.category is Category.PROFANITY and _is_aimed(words):
        return hit._replace(weight=min(1.0, hit.weight + _AIMED_GAIN))
    if hit.category is Category.PROFANITY:
        if not CHEERFUL.isdisjoint(words) or (words and words[0] in EXCLAIMING):
            return hit._replace(weight=hit.weight * _CHEERFUL_SHARE)
        if len(words) >= _SENTENCE_WORDS:
            return hit._replace(weight=hit.weight * _OF_NOBODY_SHARE)
    if len(words) == 1 and hit.weight >= _ALONE_FROM:
        return hit._replace(weight=max(hit.weight, _STRONG + 0.02))
    return hit


def _is_of_things(before: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a thing was named and nobody is spoken to: "this boss is a bitch"."""
    return not THINGS.isdisjoint(before) and SECOND_PERSON.isdisjoint(words)


def _is_aimed(words: Sequence[str]) -> bool:
    return not (SECOND_PERSON.isdisjoint(words) and THIRD_PERSON.isdisjoint(words))


def weigh_phrase(hit: Hit, words: Sequence[str], before: Sequence[str]) -> Hit:
    """A phrase's weight in its message.

    Args:
        hit: The phrase as it was found.
        words: All words of the message.
        before: The words before it.

    Returns:
        Lighter where it is negated, reported, said of oneself, or where a threat is part of play.
    """
    share = 1.0
    if before:
        if before[-1] in NEGATION or not REPORTING.isdisjoint(before[-3:]):
            share = 0.5
        elif hit.category is Category.HARASSMENT and _is_of_oneself(before):
            share = 0.4
    if hit.category is Category.THREAT and _is_in_play(words):
        share *= 0.45
    return hit if share == 1.0 else hit._replace(weight=hit.weight * share)


def _is_of_oneself(before: Sequence[str]) -> bool:
    """Whether somebody tells of one's own doing: "i will uninstall this game"."""
    subject = next((word for word in reversed(before) if word not in INTENDING), "")
    return subject in ONESELF


def _is_in_play(words: Sequence[str]) -> bool:
    return not IN_PLAY.isdisjoint(words) and IN_EARNEST.isdisjoint(words)


def weigh_insults(words: Sequence[str], book: Lexicon, excused: Set[str]) -> list[Hit]:
    """The insults of a message, each weighed by whom it is said to.

    Args:
        words: The words of the message.
        book: The built-in lists.
        excused: Words that count for nothing here.

    Returns:
        A hit for each insult.
    """
    hits = []
    for place, word in enumerate(words):
        weight = book.insults.get(word)
        if weight is not None and word not in excused:
            weight = _weigh_insult(words, place, weight, book.vocative)
            hits.append(Hit(Category.HARASSMENT, weight))
    return hits


def _weigh_insult(words: Sequence[str], place: int, weight: float, vocative: Set[str]) -> float:
    before = words[max(0, place - 4) : place]
    after = words[place + 1 : place + 3]
    if not NEGATION.isdisjoint(before[-2:]) or not REPORTING.isdisjoint(before[-3:]):
        return weight * 0.5
    if _is_of_things(before, words):
        return weight * _SAID_OF_THINGS_SHARE
    is_strong = weight >= _STRONG
    is_personal = weight >= _PERSONAL
    if not is_personal and len(words) > 1 and not _is_aimed(words):
        weight *= _OF_THINGS_SHARE
    if is_personal and before and before[-1] in POINTING:
        weight += 0.1
    if not is_strong and not PRAISE.isdisjoint(words):
        weight *= _CHEERFUL_SHARE
    if (
        before
        and before[-1] == "your"
        and not is_strong
        and (after or words[place] not in vocative)
    ):
        return weight
    for between, word in enumerate(reversed(before)):
        if not is_personal and not _is_linked(before[len(before) - between :]):
            break
        if word in SECOND_PERSON:
            return min(0.97, weight + _DIRECTED_GAIN)
        if word in FIRST_PERSON or (word in OWN and word == before[-1]):
            return weight * 0.4
        if word in THIRD_PERSON:
            # What somebody has is not what somebody is: "his turret is weak".
            is_of_things = word in POSSESSIVE and word != before[-1] and not is_strong
            return weight if is_of_things else min(0.95, weight + 0.15)
    if _is_said_to(after, is_personal) or (after and after[0] in INSULTED_NOUN):
        return min(0.95, weight + 0.2)
    if is_personal and not COPULA.isdisjoint(before[-3:]):
        return min(0.9, weight + 0.15)
    if not after and before and before[-1] not in LEADING_ON and not _is_linked(before[-1:]):
        weight += _CALLED_GAIN
    if is_strong and len(words) <= 3:
        return min(0.9, weight + 0.15)
    if is_personal and len(words) <= 3:
        return weight + 0.08
    if words[place] in vocative and (len(words) == 1 or (before and before[-1] in INTENSIFIER)):
        return weight + 0.15
    return weight


def _is_linked(between: Sequence[str]) -> bool:
    """Whether a weak word is said of who comes before: "you are so X", not "you sold two X"."""
    return all(word in LINKING or word in INTENSIFIER for word in between)


def _is_said_to(after: Sequence[str], is_personal: bool) -> bool:
    """Whether the person comes after the word; for a weak word, at once and in the end."""
    if is_personal:
        return not SECOND_PERSON.isdisjoint(after)
    return bool(after) and after[0] == "you" and (len(after) == 1 or after[1] == "are")


def weigh_group_attacks(words: Sequence[str], book: Lexicon) -> list[Hit]:
    """Groups of people that are called something bad: `<group> (people) are <insult>`.

    Args:
        words: The words of the message.
        book: The built-in lists.

    Returns:
        A hit of hate for each.
    """
    if book.identity.isdisjoint(words):
        return []
    hits = []
    for place, word in enumerate(words):
        after = words[place + 1 : place + 7]
        if word not in book.identity or "are" not in after[:3]:
            continue
        said = after[after.index("are") + 1 :]
        if any(one in book.insults or one in DEGRADING for one in said) and NEGATION.isdisjoint(
            said
        ):
            hits.append(Hit(Category.HATE, _GROUP_ATTACK))
    return hits
