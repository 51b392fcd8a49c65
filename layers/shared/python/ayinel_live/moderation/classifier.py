"""What a classifier is to the moderator, whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from ayinel_live.moderation.model import Category, Tier


class ClassifierScores(NamedTuple):
    """What a classifier thinks of one message.

    Attributes:
        toxicity: How likely it is that the message is unwanted at all, in 0..1.
        categories: The same by category, for those that the classifier knows.
        tier: Who judged.
    """

    toxicity: float
    categories: Mapping[Category, float]
    tier: Tier


class Classifier(Protocol):
    """Scores messages; one call takes a whole batch."""

    def score(self, texts: Sequence[str]) -> list[ClassifierScores]:
        """Scores each message.

        Args:
            texts: The messages as they were sent.

        Returns:
            Scores, one for each message and in the same order.
        """
        ...
