"""Whom the news of a batch reach, and whom they shut out."""

from __future__ import annotations

import pytest

from ayinel_live.channels.model import FOR_GOOD
from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.shards import VIEWERS_PER_SHARD
from ayinel_live.streams.invitation_store import InvitationItem
from tests.unit.fan_out.broadcasting.house import OTHER, POSTS, House
from tests.unit.fan_out.records import (
    STREAM,
    chat_message,
    member,
    record,
    stream,
    totals,
)


def test_held_messages_go_to_those_who_are_staff_now(house: House) -> None:
    house.connect("o", "creator", staff_stream_id=STREAM)
    house.connect("m", "mod", staff_stream_id=STREAM)
    house.connect("x", "former-mod", staff_stream_id=STREAM)
    house.connect("v", "viewer")
    ChatterItem("creator", chatter_id("creator", "mod"), role="moderator").save()
    ChatterItem("creator", chatter_id("creator", "former-mod"), role="viewer").save()
    house.broadcaster.broadcast([record(None, chat_message(status="held"))])
    (staff,) = house.to("connectionIds")
    assert sorted(staff["to"]["connectionIds"]) == ["m", "o"]
    (sender,) = house.to("viewerId")
    assert sender["to"]["viewerId"] == "anna"


def test_without_staff_a_held_message_goes_to_its_sender_alone(house: House) -> None:
    house.broadcaster.broadcast([record(None, chat_message(status="held"))])
    assert [body["to"].get("viewerId") for body in house.sqs.bodies(POSTS)] == ["anna"]


def test_a_ban_is_told_at_the_creators_open_streams_and_then_shuts_out(house: House) -> None:
    stream(stream_id=STREAM, created_at="2026-01-02T00:00:00.000Z", status="ENDED").save()
    stream(stream_id=OTHER, created_at="2026-01-03T00:00:00.000Z").save()
    house.broadcaster.broadcast([record(None, member(banned_until=FOR_GOOD))])
    (told,) = house.to("shard")
    assert told["to"]["streamId"] == told["events"][0]["streamId"] == OTHER
    (out,) = house.to("viewerId")
    assert out == {"to": {"viewerId": "anna", "streamId": "", "ownerId": "creator"}, "closes": True}


def test_a_deleted_stream_closes_every_shard(house: House) -> None:
    totals(1, 1, peak_viewers=2 * VIEWERS_PER_SHARD).save()
    house.broadcaster.broadcast([record(stream(), None)])
    assert [(body["to"]["shard"], body["closes"]) for body in house.to("shard")] == [
        (0, True),
        (1, True),
    ]


def test_a_stream_made_private_closes_strangers_alone(house: House) -> None:
    totals(1, 1, peak_viewers=2 * VIEWERS_PER_SHARD).save()
    for place, person in enumerate(("creator", "mod", "guest", *(f"s{n}" for n in range(150)))):
        house.connect(f"c-{person}", person, shard=place % 2)
    ChatterItem("creator", chatter_id("creator", "mod"), role="moderator").save()
    InvitationItem(STREAM, "guest", created_at="2026-01-02T03:04:05.000Z").save()
    house.broadcaster.broadcast(
        [record(stream(visibility="UNLISTED"), stream(visibility="PRIVATE"))]
    )
    closed = [
        connection_id
        for body in house.to("connectionIds")
        for connection_id in body["to"]["connectionIds"]
    ]
    assert sorted(closed) == sorted(f"c-s{n}" for n in range(150))
    assert all(body["closes"] for body in house.to("connectionIds"))


@pytest.mark.parametrize(
    ("visibility", "person", "is_closed"),
    [
        ("PRIVATE", "anna", True),
        ("PUBLIC", "anna", False),
        ("PRIVATE", "creator", False),
        ("PRIVATE", "mod", False),
        ("PRIVATE", "again", False),
    ],
)
def test_a_withdrawn_invitation_shuts_out_who_has_no_other_right(
    house: House, visibility: str, person: str, is_closed: bool
) -> None:
    stream(visibility=visibility).save()
    ChatterItem("creator", chatter_id("creator", "mod"), role="moderator").save()
    at = "2026-01-02T03:04:05.000Z"
    InvitationItem(STREAM, "again", created_at=at).save()
    house.broadcaster.broadcast([record(InvitationItem(STREAM, person, created_at=at), None)])
    assert bool(house.to("viewerId")) is is_closed
