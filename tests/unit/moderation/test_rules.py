"""The rule tier: what it catches, what it leaves alone."""

from __future__ import annotations

import pytest

from ayinel_live.moderation.model import (
    BlockedTerm,
    Category,
    Decision,
    ModerationSettings,
    TermKind,
)
from ayinel_live.moderation.rules import moderate_with_rules

DEFAULTS = ModerationSettings()


def decide(text: str, settings: ModerationSettings = DEFAULTS, recent: tuple[str, ...] = ()) -> str:
    return moderate_with_rules(text, settings, recent).decision.value


@pytest.mark.parametrize("text", ["nice kill", "kill the boss", "gg wp", "Scunthorpe", "👍 同志"])
def test_ordinary_chat_is_allowed_without_scores(text: str) -> None:
    verdict = moderate_with_rules(text, DEFAULTS)
    assert verdict.decision is Decision.ALLOW
    assert verdict.reason is None


def test_channel_term_is_rejected_in_any_spelling() -> None:
    settings = ModerationSettings(blocked_terms=(BlockedTerm(term="banana"),))
    for text in (
        "banana",
        "b a n a n a",
        "b\u0430n\u0430n\u0430",
        "b.a.n.a.n.a",
        "BANAAANA",
        "b4n4n4!",
    ):
        assert decide(text, settings) == "reject", text
    assert decide("bananas", settings) == "allow"


def test_channel_prefix_and_phrase_are_found_where_they_stand() -> None:
    settings = ModerationSettings(
        blocked_terms=(
            BlockedTerm(term="spoil", kind=TermKind.PREFIX),
            BlockedTerm(term="the butler did it", kind=TermKind.PHRASE, decision=Decision.HOLD),
        )
    )
    assert decide("SPOILERS ahead", settings) == "reject"
    assert decide("so the   butler, did it?", settings) == "hold"
    assert decide("the butler never did it", settings) == "allow"


def test_allowed_term_lifts_a_listed_one() -> None:
    assert decide("what a idiot") != "allow"
    assert decide("what a idiot", ModerationSettings(allowed_terms=("idiot",))) == "allow"


def test_reason_repeats_nothing_of_the_message() -> None:
    verdict = moderate_with_rules("you faggot", DEFAULTS)
    assert verdict.decision is Decision.REJECT
    assert verdict.reason_code is Category.HATE
    assert verdict.reason is not None
    assert "fag" not in verdict.reason
