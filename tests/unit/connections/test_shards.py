"""Shards: growth in mid-stream leaves nobody out, and no shard fills beyond reason."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.connections.shards import (
    MAX_SHARDS,
    VIEWERS_PER_SHARD,
    pick_shard,
    shard_count,
    shard_key,
)

peaks = st.integers(min_value=0, max_value=300_000)
connection_ids = st.text(min_size=1, max_size=24)


@settings(deadline=None)
@given(connection_ids, peaks, peaks)
def test_whoever_joined_at_an_older_peak_is_covered_at_any_later_one(
    connection_id: str, joined_at: int, growth: int
) -> None:
    shard = pick_shard(connection_id, joined_at)
    assert shard in range(shard_count(joined_at + growth))


@settings(deadline=None)
@given(st.lists(st.tuples(connection_ids, st.integers(0, 400), st.booleans()), max_size=60))
def test_in_any_interleaving_of_joins_growth_and_frames_each_frame_reaches_all_who_joined_before(
    steps: list[tuple[str, int, bool]],
) -> None:
    peak = 0
    joined: set[tuple[str, int]] = set()
    for connection_id, growth, reads_before_growth in steps:
        read = peak
        peak += growth
        joined.add(
            (connection_id, pick_shard(connection_id, read if reads_before_growth else peak))
        )
        lanes = set(range(shard_count(peak)))
        assert {shard for _, shard in joined} <= lanes


def test_a_small_stream_has_one_shard() -> None:
    assert shard_count(0) == shard_count(VIEWERS_PER_SHARD) == 1
    assert pick_shard("any", 0) == 0


def test_shards_are_bounded() -> None:
    assert shard_count(10**9) == MAX_SHARDS


def test_steady_growth_fills_no_shard_to_more_than_twice_its_size() -> None:
    filled: Counter[int] = Counter()
    for viewer in range(16_000):
        filled[pick_shard(f"connection-{viewer}", peak_viewers=viewer)] += 1
    assert max(filled.values()) <= 2 * VIEWERS_PER_SHARD
    assert len(filled) == shard_count(16_000)


def test_the_index_key_names_stream_and_shard() -> None:
    assert shard_key("S", 3) == "S#3"
