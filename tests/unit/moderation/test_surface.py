"""Links, personal data, shouting and repetition."""

# ruff: noqa: RUF001  look-alikes are what is tested
from __future__ import annotations

import pytest

from ayinel_live.moderation.model import Category, Decision, ModerationSettings
from ayinel_live.moderation.rules import moderate_with_rules
from ayinel_live.moderation.surface import passes_luhn

NO_LINKS = ModerationSettings(links_allowed=False, allowed_domains=("clips.example.com",))
DEFAULTS = ModerationSettings()


def categories(text: str, settings: ModerationSettings = DEFAULTS) -> tuple[Category, ...]:
    return moderate_with_rules(text, settings).categories


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/path",
        "look at www.evil.example",
        "evil.com",
        "go to Evil.COM/free now",
        "evil . com",
        "evil dot com",
        "evil(dot)com",
        "evil[.]com",
        "ｅｖｉｌ．ｃｏｍ",
        "http://clips.example.com.evil.com/",
        "https://clips.example.com@evil.com/",
        "evil.com?x=clips.example.com",
        "1.2.3.4/login",
        "discord.gg/abc",
    ],
)
def test_link_is_rejected_where_links_are_off(text: str) -> None:
    assert Category.LINK in categories(text, NO_LINKS)


@pytest.mark.parametrize(
    "text",
    [
        "https://clips.example.com/1",
        "best.clips.example.com/1",
        "https://clips.example.com:443/1",
        "version 1.2.3 is out",
        "e.g. this",
        "gg.wp",
        "well...ok",
        "3.5k viewers",
        "me.too",
    ],
)
def test_allowed_domain_and_ordinary_dots_pass(text: str) -> None:
    assert categories(text, NO_LINKS) == ()


def test_links_pass_by_default() -> None:
    assert categories("https://clips.example.com/1 evil.com") == ()


@pytest.mark.parametrize(
    "text",
    [
        "mail me at jane.doe@example.com",
        "jane (at) example (dot) com",
        "call +1 (555) 010-9999",
        "my number is 555-010-9999",
        "whatsapp +44 7911 123456",
        "card 4111 1111 1111 1111",
        "ssn 123-45-6789",
        "he lives at 12 Oak Street, Springfield 62704",
    ],
)
def test_personal_data_is_kept_back(text: str) -> None:
    assert Category.PERSONAL_DATA in categories(text)
    assert categories(text, ModerationSettings(personal_data_held=False)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112 is no card",
        "1000000 damage",
        "round 12345 of 99999",
        "12:30:45",
        "2024-05-06",
        "score 100-200",
        "@someone hi",
        "ip 192.168.0.1",
        "way 12 street fighter",
    ],
)
def test_numbers_of_play_are_no_personal_data(text: str) -> None:
    assert categories(text) == ()


def test_card_number_is_rejected_and_not_repeated() -> None:
    verdict = moderate_with_rules("my card 4111-1111-1111-1111 lol", DEFAULTS)
    assert verdict.decision is Decision.REJECT
    assert "4111" not in verdict.model_dump_json() + str(verdict.reason)


def test_luhn_checks_the_last_digit() -> None:
    assert passes_luhn("79927398713")
    assert not passes_luhn("79927398710")


def test_shouting_is_found_where_the_channel_minds_it() -> None:
    text = "THIS IS ALL IN CAPITALS, READ IT"
    assert categories(text) == ()
    assert categories(text, ModerationSettings(caps_share_max=0.7)) == (Category.CAPS,)
    assert categories("GG WP", ModerationSettings(caps_share_max=0.7)) == ()


def test_repetition_is_flood_beyond_the_channels_bounds() -> None:
    assert categories("a" * 200) == (Category.FLOOD,)
    assert categories("Kappa " * 40) == (Category.FLOOD,)
    assert categories("looool " + "Kappa " * 5) == ()


def test_third_copy_of_a_message_is_a_duplicate_however_it_is_dressed() -> None:
    recent = ("Follow the champions", "follow, the champions!!", "F0LLOW the CHAMPIONS.")
    assert moderate_with_rules("follow the champions", DEFAULTS, recent[:2]).categories == ()
    duplicated = moderate_with_rules("FOLLOW THE CHAMPIONS?", DEFAULTS, recent)
    assert duplicated.categories == (Category.DUPLICATE,)
    other = moderate_with_rules("what a match that was", DEFAULTS, recent)
    assert other.categories == ()
