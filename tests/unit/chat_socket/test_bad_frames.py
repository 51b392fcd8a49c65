from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.connections.frames import MAX_FRAME_BYTES
from tests.support.chat import OTHER_STREAM_ID
from tests.unit.chat_socket.fakes import Fakes, send_frame


@pytest.fixture
def chat() -> Fakes:
    return Fakes()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "malformed-frame"),
        ("{", "malformed-frame"),
        ("[1]", "malformed-frame"),
        ('"send-message"', "malformed-frame"),
        ("[" * 5000, "malformed-frame"),
        ("{}", "unknown-action"),
        ('{"action": 5}', "unknown-action"),
        ('{"action": "drop-table"}', "unknown-action"),
        ('{"action": "send-message"}', "invalid-input"),
        (json.dumps(send_frame(message="")), "invalid-input"),
        (json.dumps(send_frame(message="x" * 501)), "invalid-input"),
        (json.dumps(send_frame(message="a\x00b")), "invalid-input"),
        (json.dumps(send_frame(message="\ud800")), "invalid-input"),
        (json.dumps(send_frame(message=7)), "invalid-input"),
        (json.dumps(send_frame(clientMessageId="a b")), "invalid-input"),
        (json.dumps(send_frame(message="é" * MAX_FRAME_BYTES)), "too-large"),
        ("x" * (MAX_FRAME_BYTES + 1), "too-large"),
        (json.dumps(send_frame(streamId=OTHER_STREAM_ID)), "wrong-stream"),
    ],
)
def test_a_bad_frame_is_refused_clearly_and_the_connection_stays(
    chat: Fakes, body: str, code: str
) -> None:
    assert chat.code(body) == code
    assert chat.sent == []


def test_a_binary_frame_is_refused(chat: Fakes) -> None:
    assert chat.code("AAEC", isBase64Encoded=True) == "binary-frame"


@given(st.text(max_size=200))
def test_no_text_makes_the_function_fail(body: str) -> None:
    assert Fakes().frame(body)["type"] == "problem"


@given(
    st.dictionaries(
        st.sampled_from(["action", "streamId", "message", "clientMessageId", "after", "x"]),
        # Any character that JSON can escape, halves of surrogate pairs too.
        st.one_of(
            st.text(st.characters(codec=None, exclude_categories=()), max_size=20),
            st.integers(),
            st.none(),
            st.lists(st.integers()),
        ),
    )
)
def test_no_object_makes_the_function_fail(frame: dict[str, object]) -> None:
    answer = Fakes().frame(frame)

    assert answer is None or answer["type"] in {"problem", "pong", "resumed"}


def test_an_id_that_is_half_a_surrogate_pair_is_refused_without_it(chat: Fakes) -> None:
    body = '{"action":"send-message","message":"hi","clientMessageId":"\\ud800"}'

    answer = chat.frame(body)

    assert answer["type"] == "problem"
    assert "clientMessageId" not in answer
