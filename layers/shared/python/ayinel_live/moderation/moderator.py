"""Both tiers together, for the worker behind the queue."""

from __future__ import annotations

from collections.abc import Sequence

from ayinel_live.moderation.calibration import mix
from ayinel_live.moderation.channel_terms import compile_channel_terms
from ayinel_live.moderation.classifier import Classifier
from ayinel_live.moderation.model import Decision, MessageToModerate, Tier, Verdict
from ayinel_live.moderation.rules import decide, find


class Moderator:
    """Judges batches of messages by rules and, where those leave a doubt, by a classifier."""

    def __init__(self, classifier: Classifier | None = None) -> None:
        """Takes its classifier.

        Args:
            classifier: None for rules alone.
        """
        self._classifier = classifier

    def moderate_batch(self, messages: Sequence[MessageToModerate]) -> list[Verdict]:
        """Judges messages; those that the rules do not reject are one call to the classifier.

        Args:
            messages: Up to a batch of the queue, of any channels.

        Returns:
            A verdict for each message, in the same order.
        """
        found = [find(one.text, one.settings, one.recent).scores for one in messages]
        verdicts = [
            decide(scores, one.settings, Tier.RULES)
            for scores, one in zip(found, messages, strict=True)
        ]
        doubtful = [
            place
            for place, verdict in enumerate(verdicts)
            if verdict.decision is not Decision.REJECT and messages[place].text.strip()
        ]
        if self._classifier is None or not doubtful:
            return verdicts
        scored = self._classifier.score([_as_asked(messages[place]) for place in doubtful])
        for place, one in zip(doubtful, scored, strict=True):
            mixed = mix(found[place], one)
            verdicts[place] = decide(mixed, messages[place].settings, one.tier)
        return verdicts


def _as_asked(message: MessageToModerate) -> str:
    return compile_channel_terms(message.settings).without_allowed(message.text)
