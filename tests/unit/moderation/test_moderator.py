"""Both tiers together."""

from __future__ import annotations

from collections.abc import Sequence

from ayinel_live.moderation.classifier import ClassifierScores
from ayinel_live.moderation.model import (
    BlockedTerm,
    Category,
    CategoryLevels,
    Decision,
    MessageToModerate,
    ModerationSettings,
    Strictness,
    Tier,
)
from ayinel_live.moderation.moderator import Moderator


class FixedClassifier:
    def __init__(self, **toxicities: float) -> None:
        self.toxicities = toxicities
        self.calls: list[list[str]] = []

    def score(self, texts: Sequence[str]) -> list[ClassifierScores]:
        self.calls.append(list(texts))
        return [
            ClassifierScores(
                self.toxicities.get(text.split()[0], 0.0), {Category.THREAT: 0.9}, Tier.CLASSIFIER
            )
            for text in texts
        ]


def messages(*texts: str, settings: ModerationSettings | None = None) -> list[MessageToModerate]:
    return [
        MessageToModerate(text=text, settings=settings or ModerationSettings()) for text in texts
    ]


def test_batch_is_one_call_and_keeps_its_order() -> None:
    classifier = FixedClassifier(grim=0.99)
    verdicts = Moderator(classifier).moderate_batch(
        messages("hello there", "grim words", "kys", "good day")
    )
    assert classifier.calls == [["hello there", "grim words", "good day"]]
    assert [verdict.decision for verdict in verdicts] == [
        Decision.ALLOW,
        Decision.REJECT,
        Decision.REJECT,
        Decision.ALLOW,
    ]
    assert [verdict.tier for verdict in verdicts] == [
        Tier.CLASSIFIER,
        Tier.CLASSIFIER,
        Tier.RULES,
        Tier.CLASSIFIER,
    ]


def test_what_rules_reject_costs_no_call() -> None:
    classifier = FixedClassifier()
    Moderator(classifier).moderate_batch(messages("kys", " "))
    assert classifier.calls == []


def test_doubts_of_both_tiers_add_up() -> None:
    doubtful = "some clown music would fit"
    by_rules = Moderator().moderate_batch(messages(doubtful))[0]
    by_both = Moderator(FixedClassifier(some=0.4)).moderate_batch(messages(doubtful))[0]
    by_classifier = Moderator(FixedClassifier(grey=0.4)).moderate_batch(messages("grey area"))[0]
    assert by_rules.decision is Decision.ALLOW
    assert by_classifier.decision is Decision.ALLOW
    assert by_both.decision is Decision.HOLD
    assert by_both.categories == (Category.HARASSMENT,)


def test_classifier_names_the_category_where_rules_found_none() -> None:
    verdict = Moderator(FixedClassifier(grim=0.95)).moderate_batch(messages("grim words"))[0]
    assert verdict.categories == (Category.THREAT,)


def test_level_off_silences_the_classifier_too() -> None:
    settings = ModerationSettings(levels=CategoryLevels(threat=Strictness.OFF))
    moderator = Moderator(FixedClassifier(grim=0.99))
    verdict = moderator.moderate_batch(messages("grim words", settings=settings))[0]
    assert verdict.decision is Decision.ALLOW


def test_each_message_is_judged_by_its_own_channel() -> None:
    settings = ModerationSettings(blocked_terms=(BlockedTerm(term="banana"),))
    batch = messages("banana") + messages("banana", settings=settings)
    decisions = [verdict.decision for verdict in Moderator().moderate_batch(batch)]
    assert decisions == [Decision.ALLOW, Decision.REJECT]


def test_words_that_a_channel_allows_are_kept_from_the_classifier() -> None:
    classifier = FixedClassifier()
    settings = ModerationSettings(allowed_terms=("chonker", "silly goose"))
    Moderator(classifier).moderate_batch(
        messages(
            "what a Ch0nker of a cat", "you silly goose!", "you silly goose", settings=settings
        )
    )
    assert classifier.calls == [["what a of a cat", "you", "you"]]


def test_foul_language_at_nobody_stays_foul_language() -> None:
    class Foul(FixedClassifier):
        def score(self, texts: Sequence[str]) -> list[ClassifierScores]:
            categories = {Category.PROFANITY: 0.99, Category.HARASSMENT: 0.4}
            return [ClassifierScores(0.99, categories, Tier.CLASSIFIER) for _ in texts]

    relaxed = ModerationSettings(levels=CategoryLevels(profanity=Strictness.OFF))
    batch = messages("fuck lag") + messages("fuck lag", settings=relaxed)
    decisions = [verdict.decision for verdict in Moderator(Foul()).moderate_batch(batch)]
    assert decisions == [Decision.REJECT, Decision.ALLOW]
