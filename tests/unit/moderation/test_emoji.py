from __future__ import annotations

import pytest

from ayinel_live.moderation.emoji import spell_out
from ayinel_live.moderation.model import (
    BlockedTerm,
    Category,
    CategoryLevels,
    Decision,
    ModerationSettings,
    Strictness,
)
from ayinel_live.moderation.rules import moderate_with_rules

DEFAULTS = ModerationSettings()


def is_flagged(text: str, settings: ModerationSettings = DEFAULTS) -> bool:
    return moderate_with_rules(text, settings).decision is not Decision.ALLOW


@pytest.mark.parametrize(
    ("insult", "harmless"),
    [
        ("you 🤡", "i am such a 🤡"),
        ("this streamer is a 🤡", "honk honk 🤡"),
        ("what a 🤡", "new 🤡 skin 🔥"),
        ("you 🤡 🤡🤡", "🤡🤡🤡"),
        ("u r 💩", "my internet is 💩 today"),
        ("eat 💩", "stepped in dog 💩 on my walk"),
        ("you're 🗑️", "threw it in the 🗑️"),
        ("🐒 streamer", "the 🐒 in the zoo level is cute"),
        ("suck my 🍆", "your 🍆 recipe was great"),
        ("🔫 yourself", "you got the 🔫 skin"),
        ("🖕🏽", "👍🏽"),
    ],
)
def test_an_emoji_that_is_said_to_somebody_weighs_as_its_word(insult: str, harmless: str) -> None:
    assert is_flagged(insult)
    assert not is_flagged(harmless)


def test_text_without_such_emoji_is_not_touched() -> None:
    for text in ("you clown", "love you 💜", "привет 👋🏽", "🤡", ""):
        assert spell_out(text) == text


def test_a_run_of_one_emoji_is_one_word() -> None:
    assert spell_out("you 🗑️🗑️ 🗑️!").split() == ["you", "trash", "!"]


def test_a_channels_own_term_finds_the_emoji_too() -> None:
    levels = CategoryLevels(harassment=Strictness.OFF)
    blocking = ModerationSettings(levels=levels, blocked_terms=(BlockedTerm(term="clown"),))
    verdict = moderate_with_rules("hey 🤡", blocking)
    assert verdict.reason_code is Category.BLOCKED_TERM


def test_an_emoji_said_again_and_again_is_a_near_duplicate() -> None:
    verdict = moderate_with_rules("nice one guys 🤡", DEFAULTS, ("nice one guys 🤡",) * 3)
    assert Category.DUPLICATE in verdict.categories
