"""Settings and verdicts: limits, wire names, levels."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ayinel_live.moderation.model import (
    BLOCKED_TERMS_MAX,
    REASONS,
    BlockedTerm,
    Category,
    CategoryLevels,
    Decision,
    ModerationSettings,
    Strictness,
    Tier,
)
from ayinel_live.moderation.rules import decide, moderate_with_rules


def test_settings_travel_in_camel_case_and_back() -> None:
    settings = ModerationSettings(
        blocked_terms=(BlockedTerm(term=" Banana "),), links_allowed=False
    )
    wire = settings.model_dump_json(by_alias=True)
    assert '"blockedTerms":[{"term":"Banana"' in wire
    assert ModerationSettings.model_validate_json(wire) == settings


@pytest.mark.parametrize(
    "wire",
    [
        '{"blockedTerms":[{"term":"   "}]}',
        '{"blockedTerms":[{"term":"!!!"}]}',
        '{"blockedTerms":[{"term":"' + "x" * 81 + '"}]}',
        '{"blockedTerms":[{"term":"x","decision":"allow"}]}',
        '{"levels":{"hate":"extreme"}}',
        '{"allowedDomains":["not a domain"]}',
        '{"capsShareMax":0}',
        '{"duplicatesMax":-1}',
        '{"unknown":1}',
    ],
)
def test_settings_out_of_bounds_are_refused(wire: str) -> None:
    with pytest.raises(ValidationError):
        ModerationSettings.model_validate_json(wire)


def test_number_of_terms_is_bounded() -> None:
    terms = tuple(BlockedTerm(term=f"term{i}") for i in range(BLOCKED_TERMS_MAX))
    full = ModerationSettings(blocked_terms=terms)
    assert moderate_with_rules("so term499 it is", full).decision is Decision.REJECT
    with pytest.raises(ValidationError):
        ModerationSettings(blocked_terms=(*terms, BlockedTerm(term="more")))


def test_equal_settings_share_a_version_and_others_do_not() -> None:
    assert ModerationSettings().version == ModerationSettings().version
    assert ModerationSettings().version != ModerationSettings(links_allowed=False).version


@pytest.mark.parametrize(
    ("level", "decision"),
    [
        (Strictness.OFF, Decision.ALLOW),
        (Strictness.LOW, Decision.ALLOW),
        (Strictness.MEDIUM, Decision.HOLD),
        (Strictness.HIGH, Decision.REJECT),
    ],
)
def test_strictness_moves_the_bounds(level: Strictness, decision: Decision) -> None:
    settings = ModerationSettings(levels=CategoryLevels(harassment=level))
    verdict = decide({Category.HARASSMENT: 0.72}, settings, Tier.RULES)
    assert verdict.decision is decision


def test_heaviest_category_gives_the_reason() -> None:
    scores = {Category.PROFANITY: 0.6, Category.HATE: 0.9, Category.SEXUAL: 0.1}
    verdict = decide(scores, ModerationSettings(), Tier.CLASSIFIER)
    assert verdict.categories == (Category.HATE, Category.PROFANITY)
    assert verdict.reason == REASONS[Category.HATE]
    assert verdict.scores == scores


def test_every_category_has_a_reason() -> None:
    assert set(REASONS) == set(Category)
