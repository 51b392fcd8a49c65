from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from ayinel_live.channels.start_bans import StartBans
from ayinel_live.channels.store import ChannelItem
from ayinel_live.channels.video_channels import LEASE
from ayinel_live.runtime.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    UnsupportedError,
    UpstreamError,
)
from ayinel_live.streams.model import RECONNECT_GRACE, StreamState, Visibility
from ayinel_live.streams.reconciliation import UNREADY_LIMIT
from ayinel_live.streams.records import StreamRecord
from ayinel_live.video.model import ChannelAccess, Quality, StreamKey, VideoEventKind
from ayinel_live.video.playback_tokens import TOKEN_LIFE
from tests.support.house import House, caller, request
from tests.support.video import DiedError, video_event

QUIET = RECONNECT_GRACE.total_seconds() + 1


def test_start_gives_an_offline_stream_and_the_one_working_key(house: House) -> None:
    started = house.start()
    stream = house.streams.get(started.stream.stream_id)
    assert stream.status is StreamState.OFFLINE
    assert house.working_keys() == [started.key.value]
    assert started.key.value not in stream.rtmp_url
    assert stream.rtmp_url == "rtmp://127.0.0.1:1935/app/"


def test_channel_is_made_once_and_its_key_changes_each_time(house: House) -> None:
    first = house.start()
    house.stop(first.stream)
    second = house.start()
    assert len(house.provider.channels) == 1
    assert first.stream.playback_url == second.stream.playback_url
    assert house.working_keys() == [second.key.value]
    assert first.key.value != second.key.value


def test_public_and_the_others_go_through_different_channels(house: House) -> None:
    public = house.start()
    house.stop(public.stream)
    private = house.start(visibility=Visibility.PRIVATE)
    house.stop(private.stream)
    house.clock.advance(TOKEN_LIFE.total_seconds())
    unlisted = house.start(visibility=Visibility.UNLISTED)
    assert public.stream.playback_url != private.stream.playback_url
    assert private.stream.playback_url == unlisted.stream.playback_url
    accesses = {c.channel.access for c in house.provider.channels.values()}
    assert accesses == {ChannelAccess.OPEN, ChannelAccess.AUTHORIZED}


def test_quality_is_settled_at_each_start(house: House) -> None:
    house.stop(house.start(quality=Quality.HD).stream)
    house.start(quality=Quality.FULL_HD)
    (channel,) = house.provider.channels.values()
    assert channel.quality is Quality.FULL_HD


def test_4k_is_refused_with_what_is_supported(house: House) -> None:
    with pytest.raises(UnsupportedError) as caught:
        house.start(quality=Quality.ULTRA_HD)
    assert caught.value.extra["supported"] == ["720p", "1080p"]
    assert house.provider.channels == {}


def test_second_start_is_refused_while_a_stream_is_open(house: House) -> None:
    started = house.start()
    with pytest.raises(ConflictError) as caught:
        house.start()
    assert caught.value.code == "stream-open"
    assert caught.value.extra["streamId"] == started.stream.stream_id
    assert house.working_keys() == [started.key.value]


def test_creators_do_not_disturb_each_other(house: House) -> None:
    assert house.start("ana").stream.playback_url != house.start("ben").stream.playback_url
    assert len(house.working_keys()) == 2


def test_start_during_another_request_of_the_creator_is_told_to_come_back(house: House) -> None:
    with house.channels.lease("ana"), pytest.raises(BusyError) as caught:
        house.start()
    assert caught.value.retry_after_seconds
    house.start()


def test_start_while_the_last_encoder_is_still_on_is_told_to_come_back(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    house.stop(started.stream)
    channel = house.provider.channels[session.channel_id]
    channel.sessions[0] = session  # As if the provider had not let go yet.
    with pytest.raises(BusyError) as caught:
        house.start()
    assert caught.value.code == "winding-down"
    assert house.working_keys() == []


def test_start_within_the_recordings_reconnect_window_is_told_when_to_come_back(
    house: House,
) -> None:
    started = house.start()
    house.go_live(started)
    house.stop(started.stream)
    house.clock.advance(10)
    with pytest.raises(BusyError) as caught:
        house.start()
    assert caught.value.retry_after_seconds == pytest.approx(QUIET - 11, abs=1)
    house.clock.advance(QUIET)
    assert house.start().stream.status is StreamState.OFFLINE


def test_next_broadcast_waits_for_the_playback_tokens_of_the_last(house: House) -> None:
    house.provider.can_record = False
    started = house.start(visibility=Visibility.UNLISTED)
    house.go_live(started)
    house.stop(started.stream)
    with pytest.raises(BusyError):
        house.start(visibility=Visibility.PRIVATE)
    house.clock.advance(TOKEN_LIFE.total_seconds())
    house.start(visibility=Visibility.PRIVATE)


def test_refused_start_leaves_no_stream_behind(house: House) -> None:
    started = house.start()
    house.go_live(started)
    house.stop(started.stream)
    with pytest.raises(BusyError):
        house.start()
    assert len(_items("Streams")) == 1


def test_same_idempotency_key_is_the_same_stream_with_the_same_key(house: House) -> None:
    first = house.start(key="k1")
    again = house.start(key="k1")
    assert again.stream.stream_id == first.stream.stream_id
    assert again.key == first.key
    assert len(_items("Streams")) == 1


def test_idempotency_key_of_another_creator_is_another_start(house: House) -> None:
    first, second = house.start("ana", key="k1"), house.start("ben", key="k1")
    assert first.stream.stream_id != second.stream.stream_id


def test_idempotency_key_with_another_request_is_refused(house: House) -> None:
    house.start(key="k1")
    with pytest.raises(ConflictError) as caught:
        house.start(key="k1", title="Something else")
    assert caught.value.code == "idempotency-key-reused"


def test_replayed_start_of_an_ended_stream_gives_no_key(house: House) -> None:
    started = house.start(key="k1")
    house.stop(started.stream)
    with pytest.raises(ConflictError) as caught:
        house.start(key="k1")
    assert caught.value.code == "stream-ended"
    assert house.working_keys() == []


def test_replayed_start_after_the_key_was_rotated_gives_the_new_one(house: House) -> None:
    started = house.start(key="k1")
    rotated = house.ending.rotate_key(started.stream)
    assert house.start(key="k1").key == rotated


def test_banned_creator_cannot_start(house: House) -> None:
    bans = StartBans()
    bans.put("ana", house.clock())
    with pytest.raises(ForbiddenError) as caught:
        house.start()
    assert caught.value.code == "start-banned"
    assert house.start("ben").stream.user_id == "ben"
    bans.lift("ana")
    house.start()


def test_ban_that_comes_during_a_start_leaves_no_key(house: House) -> None:
    true_insert = house.streams.insert

    def insert_and_ban(record: StreamRecord) -> bool:
        StartBans().put("ana", house.clock())
        return true_insert(record)

    with patch.object(house.streams, "insert", insert_and_ban), pytest.raises(ForbiddenError):
        house.start()
    assert house.working_keys() == []
    for _ in range(4):
        house.tick()
    assert list(house.streams.unfinished()) == []


def test_start_that_is_taken_for_dead_while_its_key_is_made_gives_none(house: House) -> None:
    true_create = house.provider.create_key

    def create_slowly(channel_id: str) -> StreamKey:
        key = true_create(channel_id)
        assert house.tick(UNREADY_LIMIT.total_seconds() + 1).closed
        return key

    with (
        patch.object(house.provider, "create_key", create_slowly),
        pytest.raises(ConflictError) as caught,
    ):
        house.start()
    assert caught.value.code == "stream-ended"
    house.tick()
    assert house.working_keys() == []
    assert list(house.streams.unfinished()) == []


def test_provider_that_does_not_answer_leaves_the_creator_free_to_try_again(house: House) -> None:
    house.provider.fault = UpstreamError("busy", retry_after_seconds=5)
    with pytest.raises(UpstreamError):
        house.start(key="k1")
    house.provider.fault = None
    started = house.start(key="k1")
    assert house.working_keys() == [started.key.value]


def test_stream_that_ended_by_itself_does_not_block_the_next_start(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    house.provider.drop(session.channel_id)
    house.observer.learn(video_event(VideoEventKind.STREAM_ENDED, session, house.clock()))
    house.clock.advance(QUIET)
    again = house.start()
    assert house.working_keys() == [again.key.value]
    assert house.provider.push(started.key.value) is None
    assert house.streams.record(started.stream.stream_id).broadcast.closed_at is not None


def test_keys_are_in_no_table(house: House) -> None:
    keys = [house.start("ana", key="k1").key.value, house.start("ben").key.value]
    keys.append(house.ending.rotate_key(house.start("ana", key="k1").stream).value)
    client = boto3.client("dynamodb", region_name="us-east-1")
    stored = json.dumps([_items(name) for name in client.list_tables()["TableNames"]])
    for key in keys:
        assert key not in stored


# The calls of a first start: find and make the channel, clear it, make the key.
FIRST_START_CALLS = 7


@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("calls", range(1, FIRST_START_CALLS + 1))
def test_start_that_dies_after_any_call_leaves_one_stream_and_one_working_key(
    house: House, calls: int, *, has_key: bool
) -> None:
    key = "k1" if has_key else None
    with house.dying(calls):
        house.start(key=key)
    house.clock.advance(LEASE.total_seconds() + 1)
    started = house.start(key=key)
    assert house.working_keys() == [started.key.value]
    assert len(house.provider.channels) == 1
    open_ids = [
        record.stream.stream_id
        for record in house.streams.unfinished()
        if record.broadcast.closed_at is None
    ]
    assert open_ids == [started.stream.stream_id]


def test_first_start_makes_as_many_calls_as_the_kill_test_ends_it_after(house: House) -> None:
    house.start()
    assert len(house.provider.calls) == FIRST_START_CALLS


@pytest.mark.parametrize("calls", range(1, FIRST_START_CALLS + 1))
def test_reconciler_cleans_up_after_a_start_that_died(house: House, calls: int) -> None:
    with house.dying(calls):
        house.start()
    for _ in range(4):
        house.tick()
    assert list(house.streams.unfinished()) == []
    made = [record for record in house.provider.channels.values() if record.key is not None]
    # A channel that nobody was told of has the key that came with it, which nobody was told either.
    assert all(channel.key and channel.key.endswith("unknown") for channel in made)
    started = house.start()
    assert house.working_keys() == [started.key.value]


@pytest.mark.parametrize("step", ["save_video", "save_latest_stream"])
def test_start_that_dies_between_table_writes_can_be_started_again(house: House, step: str) -> None:
    true_step = getattr(house.channels, step)

    def die(*arguments: object) -> None:
        true_step(*arguments)
        raise DiedError

    with patch.object(house.channels, step, die), pytest.raises(DiedError):
        house.start(key="k1")
    house.clock.advance(LEASE.total_seconds() + 1)
    started = house.start(key="k1")
    assert house.working_keys() == [started.key.value]
    assert len(house.provider.channels) == 1


def test_lease_whose_answer_was_lost_is_no_other_requests(house: House) -> None:
    true_update = ChannelItem.update

    def update_twice(item: ChannelItem, *arguments: Any, **named: Any) -> object:
        """What botocore does when the connection breaks after the write."""
        true_update(item, *arguments, **named)
        return true_update(item, *arguments, **named)

    with patch.object(ChannelItem, "update", update_twice):
        started = house.start()
    assert house.working_keys() == [started.key.value]


def test_lost_lease_stops_a_start_that_took_too_long(house: House) -> None:
    true_find = house.provider.find_channel

    def find_slowly(name: str) -> object:
        house.clock.advance(LEASE.total_seconds() + 1)
        with house.channels.lease("ana"):
            pass
        return true_find(name)

    house.provider.find_channel = find_slowly  # type: ignore[assignment,method-assign]  # slowed
    with pytest.raises(BusyError):
        house.starting.start(caller(), request())
    assert _items("Streams") == []


def _items(table: str) -> list[dict[str, object]]:
    client = boto3.client("dynamodb", region_name="us-east-1")
    items: list[dict[str, object]] = client.scan(TableName=table)["Items"]
    return items
