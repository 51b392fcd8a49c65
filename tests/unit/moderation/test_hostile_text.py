"""Text that is meant to break a moderator."""

# ruff: noqa: RUF001  look-alikes are what is tested
from __future__ import annotations

import time
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.moderation.model import BlockedTerm, ModerationSettings, TermKind, Verdict
from ayinel_live.moderation.plain_text import plain_text
from ayinel_live.moderation.rules import moderate_with_rules

STRICT = ModerationSettings(
    links_allowed=False,
    caps_share_max=0.5,
    blocked_terms=(
        BlockedTerm(term="x"),
        BlockedTerm(term="(a+)+b"),
        BlockedTerm(term="two words", kind=TermKind.PHRASE),
    ),
)
GENEROUS_SECONDS = 1.0


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200))
@settings(max_examples=300)
def test_any_text_gets_a_verdict(text: str) -> None:
    assert isinstance(moderate_with_rules(text, STRICT, (text,) * 4), Verdict)
    plain_text(text)


@given(st.text(max_size=80))
def test_verdict_is_the_same_every_time(text: str) -> None:
    assert moderate_with_rules(text, STRICT) == moderate_with_rules(text, STRICT)


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301" * 10_000,
        "\u202e" * 10_000,
        "\u200d" * 10_000,
        "a." * 5_000,
        "a-" * 5_000 + "!",
        "1 " * 5_000,
        "1" * 10_000,
        "(" * 10_000,
        "a@" * 5_000,
        "a@a." * 2_500,
        "www." * 2_500,
        "http://" * 1_500,
        "x dot " * 1_700,
        "* " * 5_000,
        "f*" * 5_000,
        "1 a " * 2_500 + "street",
        "you are " * 1_250,
        "kill " * 2_000,
        "🇫" * 10_000,
        "同" * 10_000,
        "\x00" * 10_000,
        " ".join(f"word{i}" for i in range(2_000)),
        "\ud800" * 1_000,
    ],
    ids=lambda text: f"{len(text)}-{category(text[0])}",
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    moderate_with_rules(text, STRICT, (text,) * 5)
    assert time.process_time() - started < GENEROUS_SECONDS


@pytest.mark.parametrize(
    "text", ["👨‍👩‍👧‍👦 👍🏽", "你好，主播", "مرحبا بالجميع", "שלום לכולם", "नमस्ते", "😂" * 20]
)
def test_other_scripts_and_emoji_pass(text: str) -> None:
    assert moderate_with_rules(text, ModerationSettings()).categories == ()
