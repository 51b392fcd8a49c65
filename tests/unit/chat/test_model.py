from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ayinel_live.chat.change_ids import ChangeIds, first_of
from ayinel_live.chat.message_key import message_key, sender_group
from ayinel_live.chat.model import MESSAGE_CHARACTERS_MAX, MessageText, PendingMessage, time_of
from ayinel_live.runtime.ids import new_ulid
from tests.support.chat import STREAM_ID, pending
from tests.support.clock import START, FixedClock

TEXT: TypeAdapter[str] = TypeAdapter(MessageText)


@pytest.mark.parametrize(
    "text",
    [
        "gg",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "漢字かな交じり文",
        "שלום עולם",
        "\u202eesrever\u202c",
        "z̷̡̛a̸l̶g̵o̷",
        "two\nlines\tand a tab",
        "e\u0301",
        "\ufdfa" * 10,
        "\U0001d4ef\U0001d4ea\U0001d4f7\U0001d4ec\U0001d502",
        "<script>alert(1)</script>",
    ],
)
def test_what_can_be_seen_is_kept_as_it_is(text: str) -> None:
    assert TEXT.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "\u200b\u200d\ufeff",
        "\u0301" * 20,
        "\u3164\u2800",
        "null\x00byte",
        "\x1b[31mred",
        "carriage\rreturn",
        "\x85",
        "half a pair \ud800",
        "x" * (MESSAGE_CHARACTERS_MAX + 1),
        "e" + "\u0301" * 10_000,
    ],
)
def test_what_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TEXT.validate_python(text)


@given(st.text(max_size=MESSAGE_CHARACTERS_MAX))
def test_every_accepted_text_travels_intact(text: str) -> None:
    try:
        accepted = TEXT.validate_python(text)
    except ValidationError:
        return
    assert accepted == text.strip()
    wire = pending(accepted).model_dump_json(by_alias=True)
    assert PendingMessage.model_validate_json(wire).message == accepted
    assert json.loads(wire)["message"] == accepted
    assert not any(unicodedata.category(c) == "Cc" and c not in "\t\n" for c in accepted)


@given(*[st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)] * 6)
def test_messages_have_one_key_only_if_they_are_one(
    a: str, b: str, c: str, x: str, y: str, z: str
) -> None:
    assert (message_key(a, b, c) == message_key(x, y, z)) == ((a, b, c) == (x, y, z))


def test_a_senders_messages_are_in_one_group_and_senders_in_many() -> None:
    groups = {sender_group(STREAM_ID, f"user-{number}") for number in range(500)}

    assert len(groups) == 16
    assert sender_group(STREAM_ID, "ana") == sender_group(STREAM_ID, "ana")


@given(st.lists(st.integers(-2000, 2000), max_size=50))
def test_change_ids_only_grow_whatever_the_clock_does(steps: list[int]) -> None:
    clock, ids = FixedClock(), ChangeIds()
    made = [ids.next(clock())]
    made += [ids.next(clock.advance(step / 1000)) for step in steps]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_the_first_id_of_a_time_sorts_before_all_of_it() -> None:
    assert all(first_of(START) <= new_ulid(START) for _ in range(50))
    assert time_of(first_of(START)) == START
