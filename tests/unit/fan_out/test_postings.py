"""Postings survive the queue, and what is none is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.fan_out.postings import (
    BadPostingError,
    Posting,
    ToConnections,
    ToPerson,
    ToShard,
    deduplication_id,
)

ids = st.text(min_size=1, max_size=255)
recipients = st.one_of(
    st.builds(ToShard, ids, st.integers(0, 511)),
    st.builds(ToPerson, ids, ids),
    st.builds(ToPerson, ids, st.just(""), ids),
    st.builds(ToConnections, ids, st.lists(ids, max_size=5).map(tuple), ids),
)
events = st.lists(
    st.fixed_dictionaries({"type": ids}, optional={"message": st.text(), "version": st.integers()}),
    max_size=4,
).map(tuple)


@settings(deadline=None)
@given(recipients, events, st.booleans(), st.integers(1, 4), st.integers(0, 10**20).map(str))
def test_a_posting_comes_back_as_it_went(
    recipient: Any, sent: Any, closes: bool, attempt: int, since: str
) -> None:
    posting = Posting(recipient, sent, closes, attempt, since)
    assert Posting.from_body(posting.to_body()) == posting


@settings(deadline=None)
@given(st.text(min_size=1, max_size=255))
def test_a_person_of_any_id_is_a_group_that_the_queue_takes(viewer_id: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9#-]{1,128}", ToPerson(viewer_id).group)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"to":{}}',
        '{"to":{"streamId":"s","shard":"x"}}',
        '{"to":{"streamId":"s","shard":0},"events":[1]}',
        '{"to":{"streamId":"s","shard":0},"events":[{}]}',
        '{"to":{"connectionIds":["a"]}}',
        '{"to":[],"events":3}',
        '{"to":{"streamId":"s","shard":0},"attempt":1,"since":"long ago"}',
    ],
)
def test_what_is_no_posting_is_refused_without_quoting_it(body: str) -> None:
    with pytest.raises(BadPostingError) as caught:
        Posting.from_body(body)
    assert len(str(caught.value)) < 40


def test_the_same_records_make_the_same_message_and_others_another() -> None:
    assert deduplication_id("g", "1", "2") == deduplication_id("g", "1", "2")
    assert deduplication_id("g", "1", "2") != deduplication_id("g", "12")
