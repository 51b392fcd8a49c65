"""What stands around a term: whom it is said to, and whether it is meant as it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final

from ayinel_live.moderation.lexicon import Hit, word_set
from ayinel_live.moderation.model import Category

SECOND_PERSON: Final = frozenset(["you", "your", "yours", "yourself"])
_THIRD_PERSON: Final = word_set(
    """
    he she they him her them his their these those this that who people guy guys team everyone
    all dude kid girl streamer mod mods admin devs teammate teammates enemy
    """
)
_FIRST_PERSON: Final = word_set(
    """
    i me my mine myself we our us
    """
)
_NEGATION: Final = word_set(
    """
    not never no dont doesnt wasnt arent cant nobody without
    """
)
_INTENSIFIER: Final = word_set(
    """
    fucking such so what absolute total complete utter stupid dumb ugly fat dirty little damn
    goddamn real another bunch of big literal actual another
    """
)
_INSULTED_NOUN: Final = word_set(
    """
    team noob player players teammate teammates streamer mods mod kid kids guy dude bitch ass
    face support mid jungler adc clown idiot moron person people
    """
)
_CHEERFUL: Final = word_set(
    """
    yeah yes yea ye awesome amazing love loved good great nice insane sick clutch goat epic
    cool crazy hilarious beautiful cracked clean hype go finally legend hot hell best perfect
    funny yay congrats gg pog poggers lets holy lmao lol haha wow omg brilliant fun close
    lucky win won incredible dope fire lit genius god huge right gorgeous wild unreal nuts
    based
    """
)
_EXCLAIMING: Final = word_set(
    """
    holy oh what the as ah aw when how why where who wtf
    """
)

_DIRECTED_GAIN: Final = 0.3
_EVASIVE_GAIN: Final = 0.25
_EVASIVE_FLOOR: Final = 0.55
_EXCLAMATION_MAX: Final = 0.2
_CHEERFUL_SHARE: Final = 0.6


def weigh_listed(hit: Hit, words: Sequence[str]) -> Hit:
    """A listed term's weight in its message.

    Args:
        hit: The term as it was found.
        words: All words of the message.

    Returns:
        Heavier where it was hidden (nobody hides what is harmless); lighter where strong language
        only cheers. Mere exclamations stay as they are: people stretch those for joy.
    """
    if hit.weight < _EXCLAMATION_MAX:
        return hit
    if hit.evasive:
        return hit._replace(weight=min(0.98, max(_EVASIVE_FLOOR, hit.weight + _EVASIVE_GAIN)))
    if hit.category is Category.PROFANITY and not _is_aimed(words):
        known = set(words)
        if known & _CHEERFUL or (words and words[0] in _EXCLAIMING):
            return hit._replace(weight=hit.weight * _CHEERFUL_SHARE)
    return hit


def _is_aimed(words: Sequence[str]) -> bool:
    return not SECOND_PERSON.isdisjoint(words)


def weigh_insults(
    words: Sequence[str], insults: Mapping[str, float], excused: Set[str]
) -> list[Hit]:
    """The insults of a message, each weighed by whom it is said to.

    Args:
        words: The words of the message.
        insults: Weight of each insult where nothing tells whom it is meant for.
        excused: Words that count for nothing here.

    Returns:
        A hit for each insult.
    """
    hits = []
    for place, word in enumerate(words):
        weight = insults.get(word)
        if weight is not None and word not in excused:
            hits.append(Hit(Category.HARASSMENT, _weigh_insult(words, place, weight)))
    return hits


def _weigh_insult(words: Sequence[str], place: int, weight: float) -> float:
    before = words[max(0, place - 4) : place]
    after = words[place + 1 : place + 3]
    if not _NEGATION.isdisjoint(before[-2:]):
        return weight * 0.5
    for word in reversed(before):
        if word in SECOND_PERSON:
            return min(0.97, weight + _DIRECTED_GAIN)
        if word in _FIRST_PERSON:
            return weight * 0.4
        if word in _THIRD_PERSON:
            return min(0.95, weight + 0.15)
    if not SECOND_PERSON.isdisjoint(after) or (after and after[0] in _INSULTED_NOUN):
        return min(0.95, weight + 0.2)
    if len(words) <= 2 or (before and before[-1] in _INTENSIFIER):
        return min(0.9, weight + 0.15)
    return weight
