"""What a message costs each tier: `python -m tests.benchmarks.moderation_speed`.

Times of one machine say little; the ratios to better-profanity and to one alternation of the same
terms in `re`, taken in the same run on the same messages, hold elsewhere.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ayinel_live.moderation.lexicon import lexicon
from ayinel_live.moderation.local_classifier import LocalClassifier
from ayinel_live.moderation.model import ModerationSettings
from ayinel_live.moderation.rules import moderate_with_rules
from ayinel_live.moderation.words import word_facts
from tests.benchmarks.harness import Figure, figure
from tests.benchmarks.moderation_quality import BATCH, read_comments, weights
from tests.unit.moderation.samples import lines

CHARACTERS = 120
PEER_MESSAGES = 40
ROUNDS = 5


def chat_mix() -> list[str]:
    """Chat as it comes: three short messages to each longer comment, shuffled the same way."""
    short = [*lines("benign.txt"), *lines("toxic.txt")]
    mixed = [*short, *long_comments()[: len(short) // 3]]
    random.Random(0).shuffle(mixed)
    return mixed


def long_comments() -> list[str]:
    """A thousand comments of the web, cut to 120 characters."""
    return [" ".join(text.split())[:CHARACTERS] for _, text in read_comments()]


def cost_seconds(judge: Callable[[str], object], messages: Sequence[str], rounds: int) -> float:
    """Processor time a message, the best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for message in messages:
            judge(message)
        best = min(best, time.process_time() - started)
    return best / len(messages)


def cost_of_rules_seconds(messages: Sequence[str], *, is_cold: bool) -> float:
    """Processor time a message of the rule tier, with its memory of words emptied or not."""
    settings = ModerationSettings()

    def judge(message: str) -> None:
        moderate_with_rules(message, settings)

    if not is_cold:
        return cost_seconds(judge, messages, ROUNDS)
    best = float("inf")
    for _ in range(ROUNDS):
        word_facts.cache_clear()
        best = min(best, cost_seconds(judge, messages, 1))
    return best


def cost_of_re_seconds(messages: Sequence[str]) -> float:
    """Processor time a message to look for the same terms with one alternation, unfolded."""
    book = lexicon()
    terms = [*book.words, *book.insults, *(key.strip() for key in book.phrases)]
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, terms))})\b", re.IGNORECASE)
    return cost_seconds(pattern.findall, messages[:PEER_MESSAGES], 1)


def cost_of_better_profanity_seconds(messages: Sequence[str]) -> float | None:
    """Processor time a message of better-profanity, or None where it is not installed."""
    if importlib.util.find_spec("better_profanity") is None:
        return None
    from better_profanity import profanity  # type: ignore[import-untyped]  # it ships no types

    profanity.load_censor_words()
    return cost_seconds(profanity.contains_profanity, messages[:PEER_MESSAGES], 1)


def layer_size_bytes() -> int:
    """What the classifier layer holds: NumPy as it is installed here, and the weights."""
    files = importlib.metadata.files("numpy") or []
    numpy_bytes = sum(
        path.stat().st_size
        for file in files
        if (path := Path(str(file.locate()))).is_file() and "/tests/" not in str(path)
    )
    return numpy_bytes + sum(path.stat().st_size for path in weights().iterdir())


def measure() -> list[Figure]:
    """Cost of each tier, ratios to the peers, size of the layer."""
    messages, comments = chat_mix(), long_comments()
    warm = cost_of_rules_seconds(messages, is_cold=False)
    cold = cost_of_rules_seconds(messages, is_cold=True)
    alternation = cost_of_re_seconds(messages)
    peer = cost_of_better_profanity_seconds(messages)
    long = cost_of_rules_seconds(comments, is_cold=False)
    peer_on_long = cost_of_better_profanity_seconds(comments)
    classifier = LocalClassifier(weights())
    batches = [messages[start : start + BATCH] for start in range(0, 500, BATCH)]
    started = time.process_time()
    for batch in batches:
        classifier.score(batch)
    batched = (time.process_time() - started) / 500
    started = time.process_time()
    for message in messages[:50]:
        classifier.score([message])
    single = (time.process_time() - started) / 50
    name = "rule tier, words seen before"
    return [
        figure(name, warm * 1e6, "us/message", "re alternation", alternation / warm),
        _against_peer(name, warm, peer),
        _against_peer("rule tier, no word seen before", cold, peer),
        _against_peer("rule tier, comments of 120 characters", long, peer_on_long),
        figure("local classifier, batches of ten", batched * 1e3, "ms/message", note="at most 15"),
        figure("local classifier, one message", single * 1e3, "ms/message"),
        figure("classifier layer", layer_size_bytes() / 1e6, "MB", note="at most 80"),
    ]


def _against_peer(name: str, seconds: float, peer_seconds: float | None) -> Figure:
    if peer_seconds is None:
        return figure(name, seconds * 1e6, "us/message", note="at most 60; peer not installed")
    ratio = peer_seconds / seconds
    return figure(name, seconds * 1e6, "us/message", "better-profanity", ratio, "at most 60")


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
