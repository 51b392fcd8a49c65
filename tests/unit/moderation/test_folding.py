"""Evasion folding: what a reader sees, whatever characters spell it."""

# ruff: noqa: RUF001  look-alikes are what is tested
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.moderation.folding import CHARACTERS_MAX, fold_text, fold_word, squeeze

ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=())
    | st.sampled_from("\u202e\u202c\u200d\u0301\ufe0fİǅﬃ㍿Ａ"),
    max_size=60,
)


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once


@given(ANY_TEXT)
def test_readings_have_letters_and_digits_alone(text: str) -> None:
    for word in fold_text(text).split():
        for reading in fold_word(word):
            assert reading
            assert "_" not in reading


@given(st.text("abcdefgh ", max_size=40))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert fold_text(text) == text


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("\u0192uck", "fuck"),
        ("ｆｕｌｌ", "full"),
        ("𝔣𝔯𝔞𝔨𝔱𝔲𝔯", "fraktur"),
        ("𝓼𝓬𝓻𝓲𝓹𝓽", "script"),
        ("c\u0430t", "cat"),
        ("z\u200be\u200dr\u2060o", "zero"),
        ("z\u0300\u0336a\u0301l\u0328g\u0315o", "zalgo"),
        ("Ⓒⓘⓡⓒⓛⓔ", "circle"),
        ("🅂🅀🅄🄰🅁🄴", "square"),
        ("🇫🇱🇦🇬", "flag"),
        ("\u202ekcab\u202c front", "back front"),
    ],
)
def test_disguise_is_taken_off(disguised: str, plain: str) -> None:
    assert fold_text(disguised) == plain


@pytest.mark.parametrize("text", ["同志们好", "こんにちは", "👍🏽 👨‍👩‍👧", "안녕하세요"])
def test_other_scripts_and_emoji_are_not_read_as_latin(text: str) -> None:
    assert not any("a" <= character <= "z" for character in fold_text(text))


def test_long_text_is_judged_by_its_beginning() -> None:
    assert len(fold_text("é" * 10 * CHARACTERS_MAX)) == CHARACTERS_MAX


def test_digits_and_symbols_read_as_letters() -> None:
    assert fold_word("1337") == ("1337",)
    assert "idiot" in fold_word("1d10t")
    assert "lol" in fold_word("l0l")
    assert "fun" in fold_word("ph-un")


def test_squeezing_keeps_how_long_runs_were() -> None:
    assert squeeze("bookkeeper") == ("bokeper", (1, 2, 2, 2, 1, 1, 1))
    assert squeeze("") == ("", ())
