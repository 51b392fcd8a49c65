from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ayinel_live.identity.signatures import FixedSecrets
from ayinel_live.identity.viewer_ids import ViewerIds, guest_name, is_anonymous
from ayinel_live.runtime.ids import ViewerId
from tests.support.clock import START

IDS = ViewerIds(FixedSecrets("a secret"))


def test_a_viewer_is_known_again_by_the_token() -> None:
    viewer_id = IDS.new(START)

    assert IDS.recognise(IDS.token_of(viewer_id)) == viewer_id


def test_the_public_id_alone_opens_nothing() -> None:
    assert IDS.recognise(IDS.new(START)) is None


def test_an_id_of_ones_own_making_is_not_recognised() -> None:
    forged = ViewerIds(FixedSecrets("another"))

    assert IDS.recognise(forged.token_of(forged.new(START))) is None


def test_a_token_cannot_be_put_before_another_id() -> None:
    token = IDS.token_of(IDS.new(START))
    other = IDS.new(START)

    assert IDS.recognise(f"{other}.{token.partition('.')[2]}") is None


@given(st.text())
def test_no_text_is_recognised(text: str) -> None:
    assert IDS.recognise(text) is None


def test_viewer_ids_keep_to_the_rule_of_ids_and_are_told_from_users() -> None:
    viewer_id = IDS.new(START)

    assert TypeAdapter(ViewerId).validate_python(viewer_id) == viewer_id
    assert is_anonymous(viewer_id)
    assert not is_anonymous("8f14e45f-ceea-467f-a0e6-1234567890ab")
    assert guest_name(viewer_id) == f"Guest {viewer_id[-5:]}"
