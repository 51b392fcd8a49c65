"""How the rules' findings and a classifier's scores become one score for each category."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ayinel_live.moderation.classifier import ClassifierScores
from ayinel_live.moderation.model import Category, Tier

SHARPNESS: Final[Mapping[Tier, float]] = MappingProxyType(
    {Tier.CLASSIFIER: 1.5, Tier.COMPREHEND: 1.4}
)
"""Exponent that turns a classifier's toxicity into a chance.

The local models are over-sure on short texts: on chat that we wrote ourselves, 0.63 of theirs is
an even chance. Amazon Comprehend's scores are nearer to chances.
"""

_JUDGED: Final = (Category.HATE, Category.THREAT, Category.HARASSMENT, Category.SEXUAL)
_SPECIFIC_AT: Final = MappingProxyType(
    {Category.THREAT: 0.3, Category.HATE: 0.4, Category.SEXUAL: 0.6}
)


def mix(found: Mapping[Category, float], scored: ClassifierScores) -> dict[Category, float]:
    """Mixes what the rules found with what a classifier thinks.

    Args:
        found: Scores of the rules.
        scored: Scores of the classifier.

    Returns:
        The rules' scores, with the category that the message most belongs to raised by the chance
        that rules and classifier are not both mistaken.
    """
    scores = dict(found)
    chance = scored.toxicity ** SHARPNESS[scored.tier]
    if chance < _NEGLIGIBLE:
        return scores
    category = _main_category(found, scored.categories)
    heaviest = max((found.get(one, 0.0) for one in (*_JUDGED, Category.PROFANITY)), default=0.0)
    mixed = 1 - (1 - heaviest) * (1 - chance)
    scores[category] = max(mixed, scores.get(category, 0.0))
    return scores


_NEGLIGIBLE: Final = 0.05


def _main_category(found: Mapping[Category, float], scored: Mapping[Category, float]) -> Category:
    judged = {one: found[one] for one in _JUDGED if one in found}
    if judged:
        return max(judged, key=judged.__getitem__)
    is_foul = scored.get(Category.PROFANITY, 0.0) >= scored.get(Category.HARASSMENT, 0.0)
    if Category.PROFANITY in found and is_foul:
        return Category.PROFANITY
    for category, bound in _SPECIFIC_AT.items():
        if scored.get(category, 0.0) >= bound:
            return category
    return Category.HARASSMENT
