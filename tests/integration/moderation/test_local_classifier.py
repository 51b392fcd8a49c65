"""The local classifier on its real weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.moderation.local_classifier import LocalClassifier
from ayinel_live.moderation.model import Category, Decision, MessageToModerate, Tier
from ayinel_live.moderation.moderator import Moderator
from layers.classifier.build import build_from_packages
from layers.classifier.train import read_examples
from tests.benchmarks.moderation_quality import agreement, read_comments
from tests.benchmarks.moderation_speed import layer_size_bytes
from tests.unit.moderation.samples import labelled_chat, labelled_comments, lines

LAYER_MB_MAX = 80


def test_evaluation_set_is_judged_with_precision(classifier: LocalClassifier) -> None:
    found = agreement(read_comments(), classifier)
    assert found.precision >= 0.90
    assert found.f1 >= 0.79


def test_both_tiers_find_more_than_rules_alone(classifier: LocalClassifier) -> None:
    comments = read_comments()
    assert agreement(comments, classifier).recall > agreement(comments, None).recall + 0.05


def test_at_most_two_in_a_hundred_benign_messages_are_flagged(classifier: LocalClassifier) -> None:
    benign = lines("benign.txt")
    verdicts = Moderator(classifier).moderate_batch(
        [MessageToModerate(text=text) for text in benign]
    )
    flagged = [
        text
        for text, verdict in zip(benign, verdicts, strict=True)
        if verdict.decision is not Decision.ALLOW
    ]
    assert len(flagged) <= 0.02 * len(benign), flagged


def test_comments_written_here_are_told_apart(classifier: LocalClassifier) -> None:
    found = agreement(labelled_comments(), classifier)
    assert found.precision >= 0.85
    assert found.recall >= 0.9


def test_chat_that_nothing_was_fitted_on_is_told_apart(classifier: LocalClassifier) -> None:
    chat = [(one.is_toxic, one.text) for one in labelled_chat("evaluation")]
    found = agreement(chat, classifier)
    assert found.precision >= 0.95
    assert found.f1 >= 0.90


def test_head_was_not_fitted_on_what_it_is_measured_by() -> None:
    fitted_on = {one.text.lower() for one in read_examples()}
    measured_by = [one.text for one in labelled_chat("evaluation")]
    measured_by += [text for _, text in read_comments()]
    assert fitted_on.isdisjoint(text.lower() for text in measured_by)


def test_plain_sentences_that_say_you_are_left_alone(classifier: LocalClassifier) -> None:
    sentences = [
        f"{whose} {who} {did} two {things} {when}"
        for whose in ("your", "my", "their")
        for who in ("plumber", "grandson", "librarian", "tailor", "niece")
        for did in ("washed", "mended", "polished", "rented", "wrapped")
        for things in ("tickets", "curtains", "pillows", "mirrors")
        for when in ("at noon", "after dinner")
    ]
    verdicts = Moderator(classifier).moderate_batch(
        [MessageToModerate(text=text) for text in sentences]
    )
    assert [v for v in verdicts if v.decision is not Decision.ALLOW] == []


def test_text_without_any_known_letter_is_scored(classifier: LocalClassifier) -> None:
    assert [0 <= one.toxicity <= 1 for one in classifier.score(["", "同志们好", "🙂🙂"])] == [
        True
    ] * 3


def test_batch_scores_as_its_messages_alone(classifier: LocalClassifier) -> None:
    texts = ["you are an idiot", "gg", "", "what a lovely day " * 40, "同志们好"]
    together = classifier.score(texts)
    alone = [classifier.score([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one.tier is Tier.CLASSIFIER
        assert one.toxicity == pytest.approx(other.toxicity, abs=1e-5)
        assert one.categories == pytest.approx(dict(other.categories), abs=1e-5)


def test_insult_scores_above_praise(classifier: LocalClassifier) -> None:
    insult, praise = classifier.score(["you are such an idiot", "you are such a great player"])
    assert insult.toxicity > 0.5 > 0.1 > praise.toxicity
    assert insult.categories[Category.HARASSMENT] > 0.6


def test_names_of_groups_and_play_are_not_toxic_in_themselves(classifier: LocalClassifier) -> None:
    scored = classifier.score(
        ["i am gay", "kill the boss", "my black friend plays too", "headshot"]
    )
    assert max(one.toxicity for one in scored) < 0.5


@given(text=st.text(st.characters(codec=None, exclude_categories=()), max_size=100))
@settings(max_examples=50, deadline=None)
def test_any_text_is_scored(classifier: LocalClassifier, text: str) -> None:
    for one in classifier.score([text]):
        assert 0 <= one.toxicity <= 1


def test_building_twice_gives_the_same_weights(weights_folder: Path, tmp_path: Path) -> None:
    build_from_packages(tmp_path / "again")
    again = tmp_path / "again"
    assert json.loads((again / "model.json").read_text()) == json.loads(
        (weights_folder / "model.json").read_text()
    )
    digests = [
        hashlib.sha256((folder / "NOTICE").read_bytes()).hexdigest()
        for folder in (again, weights_folder)
    ]
    assert digests[0] == digests[1]
    assert "Apache License" in (again / "NOTICE").read_text()


def test_layer_stays_small(weights_folder: Path) -> None:
    assert weights_folder.is_dir()
    assert layer_size_bytes() < LAYER_MB_MAX * 1e6
