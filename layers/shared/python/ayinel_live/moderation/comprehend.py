"""Amazon Comprehend's toxicity detection, with another classifier for what it cannot judge.

Limits and shapes: DetectToxicContent in the Amazon Comprehend API reference. A call takes up to
10 segments of 1 KB, 10 KB together, in English.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from ayinel_live.moderation.classifier import Classifier, ClassifierScores
from ayinel_live.moderation.language import reads_as_english
from ayinel_live.moderation.model import Category, Tier

SEGMENTS_MAX: Final = 10
SEGMENT_BYTES_MAX: Final = 1_000
REQUEST_BYTES_MAX: Final = 10_000
PAUSE_SECONDS: Final = 30.0

_CATEGORY_OF_LABEL: Final[Mapping[str, Category]] = MappingProxyType(
    {
        "GRAPHIC": Category.SEXUAL,
        "HARASSMENT_OR_ABUSE": Category.HARASSMENT,
        "HATE_SPEECH": Category.HATE,
        "INSULT": Category.HARASSMENT,
        "PROFANITY": Category.PROFANITY,
        "SEXUAL": Category.SEXUAL,
        "VIOLENCE_OR_THREAT": Category.THREAT,
    }
)
_logger = logging.getLogger(__name__)


class ComprehendClient(Protocol):
    """The one operation of the boto3 client that is used."""

    def detect_toxic_content(
        self,
        *,
        TextSegments: Sequence[Mapping[str, str]],  # noqa: N803  the API's spelling
        LanguageCode: str,  # noqa: N803  the API's spelling
    ) -> Mapping[str, Any]:
        """Scores up to ten segments."""
        ...


class ComprehendClassifier:
    """Scores English messages with Amazon Comprehend, a batch of ten in one call.

    Messages in other languages go to the fallback, and so does everything for a while after a
    call failed: chat must not wait for an outage.
    """

    def __init__(
        self,
        client: ComprehendClient,
        fallback: Classifier,
        clock_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes the client and who stands in for it.

        Args:
            client: boto3's `comprehend` client, with short time-outs and few retries.
            fallback: Judges what Comprehend cannot.
            clock_seconds: A clock that never goes back.
        """
        self._client = client
        self._fallback = fallback
        self._clock_seconds = clock_seconds
        self._paused_until_seconds = float("-inf")

    def score(self, texts: Sequence[str]) -> list[ClassifierScores]:
        """Scores each message; see `Classifier.score`."""
        scored: dict[int, ClassifierScores] = {}
        english = [place for place, text in enumerate(texts) if _is_judged(text)]
        for places in _requests(english, texts):
            if self._clock_seconds() < self._paused_until_seconds:
                break
            scored.update(self._score_places(places, texts))
        left = [place for place in range(len(texts)) if place not in scored]
        if left:
            answers = self._fallback.score([texts[place] for place in left])
            scored.update(zip(left, answers, strict=True))
        return [scored[place] for place in range(len(texts))]

    def _score_places(
        self, places: Sequence[int], texts: Sequence[str]
    ) -> dict[int, ClassifierScores]:
        segments = [{"Text": _cut(texts[place])} for place in places]
        try:
            answer = self._client.detect_toxic_content(TextSegments=segments, LanguageCode="en")
            results = [_read_result(result) for result in answer["ResultList"]]
            return dict(zip(places, results, strict=True))
        except (BotoCoreError, ClientError, LookupError, TypeError, ValueError) as error:
            # The latter three are an answer that is not of the documented shape.
            self._paused_until_seconds = self._clock_seconds() + PAUSE_SECONDS
            _logger.warning(
                "Comprehend could not be asked.", extra={"error_type": type(error).__name__}
            )
            return {}


def _is_judged(text: str) -> bool:
    return bool(text.strip()) and reads_as_english(text)


def _requests(places: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    request: list[int] = []
    size_bytes = 0
    for place in places:
        segment_bytes = len(_cut(texts[place]).encode())
        is_full = len(request) == SEGMENTS_MAX or size_bytes + segment_bytes > REQUEST_BYTES_MAX
        if request and is_full:
            yield request
            request, size_bytes = [], 0
        request.append(place)
        size_bytes += segment_bytes
    if request:
        yield request


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:SEGMENT_BYTES_MAX].decode("utf-8", "ignore")


def _read_result(result: Mapping[str, Any]) -> ClassifierScores:
    categories: dict[Category, float] = {}
    for label in result["Labels"]:
        category = _CATEGORY_OF_LABEL.get(label["Name"])
        if category is not None:
            categories[category] = max(categories.get(category, 0.0), float(label["Score"]))
    return ClassifierScores(float(result["Toxicity"]), categories, Tier.COMPREHEND)
