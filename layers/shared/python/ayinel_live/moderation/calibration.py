"""How the rules' findings and a classifier's scores become one score for each category."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ayinel_live.moderation.classifier import ClassifierScores
from ayinel_live.moderation.model import Category, Tier

SHARPNESS: Final[Mapping[Tier, float]] = MappingProxyType(
    {Tier.CLASSIFIER: 1.0, Tier.COMPREHEND: 1.4}
)
"""Exponent that turns a classifier's toxicity into a chance; the local one's is a chance."""

EVIDENCE_OF: Final[Mapping[Category, float]] = MappingProxyType(
    {
        Category.HATE: 0.76,
        Category.HARASSMENT: 1.07,
        Category.THREAT: -0.95,
        Category.SELF_HARM: -0.29,
        Category.SEXUAL: 1.29,
        Category.PROFANITY: 1.17,
    }
)
"""How much the rules' findings weigh in the odds, fitted by `layers.classifier.train`."""

_JUDGED: Final = (
    Category.HATE,
    Category.THREAT,
    Category.SELF_HARM,
    Category.HARASSMENT,
    Category.SEXUAL,
)
_SPECIFIC_AT: Final = MappingProxyType(
    {
        Category.SELF_HARM: 0.5,
        Category.THREAT: 0.5,
        Category.HATE: 0.5,
        Category.SEXUAL: 0.5,
    }
)
_NEGLIGIBLE: Final = 0.05
_SURE: Final = 0.98
_STRONG_LANGUAGE: Final = 0.5
"""Swearing at nobody that the rules let pass is nothing that a classifier should hold."""


def evidence(found: Mapping[Category, float]) -> list[float]:
    """What the rules found as evidence that adds up, in the order of `EVIDENCE_OF`."""
    return [-math.log1p(-min(found.get(category, 0.0), _SURE)) for category in EVIDENCE_OF]


def mix(found: Mapping[Category, float], scored: ClassifierScores) -> dict[Category, float]:
    """Mixes what the rules found with what a classifier thinks.

    Args:
        found: Scores of the rules.
        scored: Scores of the classifier.

    Returns:
        The rules' scores, with the category that the message most belongs to raised to the chance
        that both together give.
    """
    scores = dict(found)
    chance = min(max(scored.toxicity, 1e-6), 1 - 1e-6) ** SHARPNESS[scored.tier]
    weighed = zip(EVIDENCE_OF.values(), evidence(found), strict=True)
    odds = math.log(chance / (1 - chance)) + sum(weight * seen for weight, seen in weighed)
    mixed = 1 / (1 + math.exp(-odds))
    if mixed < _NEGLIGIBLE:
        return scores
    category = _main_category(found, scored.categories)
    if category is Category.PROFANITY and found[category] < _STRONG_LANGUAGE:
        return scores
    scores[category] = max(mixed, scores.get(category, 0.0))
    return scores


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
