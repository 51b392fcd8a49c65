from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ayinel_live.channels.store import MemberItem
from ayinel_live.runtime.clock import to_rfc3339, utc_now
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.model import Visibility
from ayinel_live.streams.revocation import PlaybackRevocation
from ayinel_live.streams.video_work import RevokeViewer
from ayinel_live.video.playback_tokens import viewer_tag
from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables

MODULE = "functions.playback_revoker.handler"
FOR_GOOD = 253402214400000


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    with moto_tables(*STREAM_ITEMS), pytest.MonkeyPatch.context() as environment:
        environment.setenv("STAGE", "test")
        environment.setenv("VIDEO_WORK_QUEUE_URL", "x")
        environment.setenv("CHANNELS_TABLE", "Channels")
        environment.setenv("STREAMS_TABLE", "Streams")
        sys.modules.pop(MODULE, None)
        yield importlib.import_module(MODULE)


@pytest.fixture
def house(module: Any) -> House:
    empty_tables()
    house = House()
    module.revocation = PlaybackRevocation(house.streams, house.channels, house.work)
    return house


def handle(module: Any, *changes: tuple[Any, Any]) -> list[dict[str, str]]:
    """Hand over changes as (old item, new item)."""
    records = []
    for number, (old, new) in enumerate(changes):
        images = {"OldImage": old, "NewImage": new}
        change = {name: item.serialize() for name, item in images.items() if item is not None}
        records.append({"dynamodb": {"SequenceNumber": str(number), **change}})
    failures: list[dict[str, str]] = module.handler({"Records": records}, None)["batchItemFailures"]
    return failures


def invitation(stream_id: str) -> InvitationItem:
    return InvitationItem(stream_id, "guest", created_at=to_rfc3339(utc_now()))


def test_withdrawn_invitation_ends_the_persons_playback(module: Any, house: House) -> None:
    stream = house.start(visibility=Visibility.PRIVATE).stream
    assert handle(module, (invitation(stream.stream_id), None)) == []
    (work,) = house.work.sent
    assert isinstance(work, RevokeViewer)
    assert work.viewer_id == viewer_tag("guest")
    assert work.channel_id == house.streams.record(stream.stream_id).channel_id


def test_person_who_loses_two_creators_streams_at_one_moment_is_shut_out_of_both(
    module: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "utc_now", house.clock)
    streams = [
        house.start(creator, visibility=Visibility.PRIVATE).stream for creator in ("ana", "ben")
    ]
    handle(module, *((invitation(stream.stream_id), None) for stream in streams))
    assert len(house.work.sent) == 2
    assert len(set(house.work.keys)) == 2, "the queue would take the second for a repeat"
    assert all(len(key) <= 128 for key in house.work.keys)


def test_new_invitation_ends_nothing(module: Any, house: House) -> None:
    stream = house.start(visibility=Visibility.PRIVATE).stream
    handle(module, (None, invitation(stream.stream_id)))
    assert house.work.sent == []


def test_ban_ends_the_persons_playback_of_the_creators_private_stream(
    module: Any, house: House
) -> None:
    house.start(visibility=Visibility.PRIVATE)
    free = MemberItem("ana", "guest")
    banned = MemberItem("ana", "guest", banned_until=FOR_GOOD)
    handle(module, (free, banned))
    assert [getattr(w, "viewer_id", "") for w in house.work.sent] == [viewer_tag("guest")]
    handle(module, (banned, banned), (banned, free), (banned, None), (None, free))
    assert len(house.work.sent) == 1


def test_dismissal_ends_a_moderators_playback_and_an_appointment_does_not(
    module: Any, house: House
) -> None:
    house.start(visibility=Visibility.PRIVATE)
    moderator = MemberItem("ana", "guest", role="moderator")
    viewer = MemberItem("ana", "guest", role="viewer")
    handle(module, (None, moderator), (viewer, moderator), (moderator, moderator))
    assert house.work.sent == []
    handle(module, (moderator, viewer), (moderator, None))
    assert [getattr(w, "viewer_id", "") for w in house.work.sent] == [viewer_tag("guest")] * 2


def test_public_stream_and_ended_stream_take_no_calls(module: Any, house: House) -> None:
    public = house.start("ben").stream
    ended = house.start(visibility=Visibility.PRIVATE).stream
    house.stop(ended)
    handle(module, *((invitation(s.stream_id), None) for s in (public, ended)))
    handle(module, (None, MemberItem("nobody", "guest", banned_until=FOR_GOOD)))
    assert house.work.sent == []


def test_fault_asks_for_the_rest_again_and_poison_is_let_go(
    module: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = house.start(visibility=Visibility.PRIVATE).stream
    poison = {"dynamodb": {"SequenceNumber": "p", "OldImage": {"other": {"S": "x"}}}}
    assert module.handler({"Records": [poison]}, None) == {"batchItemFailures": []}

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("the queue is away")

    monkeypatch.setattr(house.work, "send", refuse)
    lost = invitation(stream.stream_id)
    assert handle(module, (lost, None), (lost, None)) == [{"itemIdentifier": "0"}]
