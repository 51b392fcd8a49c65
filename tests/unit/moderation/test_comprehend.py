"""Amazon Comprehend behind the classifier interface, on answers of the documented shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ayinel_live.moderation.classifier import ClassifierScores
from ayinel_live.moderation.comprehend import (
    PAUSE_SECONDS,
    SEGMENT_BYTES_MAX,
    ComprehendClassifier,
)
from ayinel_live.moderation.model import Category, MessageToModerate, Tier
from ayinel_live.moderation.moderator import Moderator

LABELS = (
    "GRAPHIC",
    "HARASSMENT_OR_ABUSE",
    "HATE_SPEECH",
    "INSULT",
    "PROFANITY",
    "SEXUAL",
    "VIOLENCE_OR_THREAT",
)


class FallbackClassifier:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, texts: Sequence[str]) -> list[ClassifierScores]:
        self.asked += texts
        return [ClassifierScores(0.2, {}, Tier.CLASSIFIER) for _ in texts]


class Clock:
    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Comprehend:
    def __init__(self) -> None:
        client: Any = boto3.client(
            "comprehend",
            region_name="eu-west-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        self.stubber = Stubber(client)
        self.stubber.activate()
        self.fallback = FallbackClassifier()
        self.clock = Clock()
        self.classifier = ComprehendClassifier(client, self.fallback, self.clock)

    def will_answer(self, toxicity: float, texts: Sequence[str] | None, count: int = 1) -> None:
        labels = [{"Name": name, "Score": toxicity / 2} for name in LABELS]
        results = [{"Labels": labels, "Toxicity": toxicity}] * (len(texts) if texts else count)
        segments = [{"Text": text} for text in texts] if texts is not None else ANY
        self.stubber.add_response(
            "detect_toxic_content",
            {"ResultList": results},
            {"TextSegments": segments, "LanguageCode": "en"},
        )

    def will_fail(self, code: str) -> None:
        self.stubber.add_client_error("detect_toxic_content", code)


@pytest.fixture
def comprehend() -> Comprehend:
    return Comprehend()


def test_ten_messages_are_one_call(comprehend: Comprehend) -> None:
    texts = [f"this is message {i}" for i in range(10)]
    comprehend.will_answer(0.9, texts)
    scored = comprehend.classifier.score(texts)
    comprehend.stubber.assert_no_pending_responses()
    assert [one.toxicity for one in scored] == [0.9] * 10
    assert {one.tier for one in scored} == {Tier.COMPREHEND}
    assert scored[0].categories[Category.THREAT] == 0.45
    assert comprehend.fallback.asked == []


def test_more_than_ten_messages_are_more_calls(comprehend: Comprehend) -> None:
    texts = [f"this is message {i}" for i in range(12)]
    comprehend.will_answer(0.1, texts[:10])
    comprehend.will_answer(0.8, texts[10:])
    assert [one.toxicity for one in comprehend.classifier.score(texts)] == [0.1] * 10 + [0.8] * 2


def test_segments_are_cut_at_their_limit_between_characters(comprehend: Comprehend) -> None:
    text = "the é is " + "é" * SEGMENT_BYTES_MAX
    cut = text.encode()[:SEGMENT_BYTES_MAX].decode("utf-8", "ignore")
    assert len(cut.encode()) in {SEGMENT_BYTES_MAX, SEGMENT_BYTES_MAX - 1}
    comprehend.will_answer(0.5, [cut])
    assert comprehend.classifier.score([text])[0].tier is Tier.COMPREHEND


def test_other_languages_go_to_the_fallback_in_their_place(comprehend: Comprehend) -> None:
    texts = ["привет всем", "this is fine", "que te pasa con la puta cámara", ""]
    comprehend.will_answer(0.7, ["this is fine"])
    scored = comprehend.classifier.score(texts)
    assert [one.tier for one in scored] == [
        Tier.CLASSIFIER,
        Tier.COMPREHEND,
        Tier.CLASSIFIER,
        Tier.CLASSIFIER,
    ]
    assert comprehend.fallback.asked == [texts[0], texts[2], texts[3]]


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException"])
def test_failure_falls_back_and_is_not_tried_again_at_once(
    comprehend: Comprehend, code: str
) -> None:
    comprehend.will_fail(code)
    assert comprehend.classifier.score(["this is one"])[0].tier is Tier.CLASSIFIER
    assert comprehend.classifier.score(["this is two"])[0].tier is Tier.CLASSIFIER
    comprehend.stubber.assert_no_pending_responses()
    comprehend.clock.seconds += PAUSE_SECONDS
    comprehend.will_answer(0.3, ["this is three"])
    assert comprehend.classifier.score(["this is three"])[0].tier is Tier.COMPREHEND


def test_verdict_names_comprehend_as_its_tier(comprehend: Comprehend) -> None:
    comprehend.will_answer(0.95, ["something vile that no rule knows"])
    verdicts = Moderator(comprehend.classifier).moderate_batch(
        [MessageToModerate(text="something vile that no rule knows")]
    )
    assert verdicts[0].tier is Tier.COMPREHEND
    assert verdicts[0].categories == (Category.HARASSMENT,)


@pytest.mark.parametrize("answer", [{}, {"ResultList": []}, {"ResultList": [{"Labels": []}]}])
def test_answer_of_another_shape_falls_back(answer: dict[str, Any]) -> None:
    class Odd:
        def detect_toxic_content(self, **_: object) -> dict[str, Any]:
            return answer

    scored = ComprehendClassifier(Odd(), FallbackClassifier()).score(["this is one"])
    assert scored[0].tier is Tier.CLASSIFIER
