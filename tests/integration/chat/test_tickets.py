from __future__ import annotations

from datetime import timedelta

import pytest

from ayinel_live.channels.model import Actor
from ayinel_live.chat.admittance import (
    CONNECTION_LIFE,
    TICKETS_PER_MINUTE_PER_USER,
)
from ayinel_live.runtime.errors import (
    ForbiddenError,
    InvalidStateError,
    RateLimitedError,
    UnauthenticatedError,
)
from ayinel_live.streams.model import StreamState, Visibility
from tests.integration.chat.conftest import CountedClient
from tests.integration.chat.door import PER_MINUTE, Door
from tests.support.chat import OWNER_ID, STREAM_ID
from tests.support.clock import START


@pytest.fixture
def door(dynamodb: CountedClient) -> Door:
    return Door(dynamodb)


def test_a_signed_in_viewer_joins_under_the_own_id_until_the_token_ends(door: Door) -> None:
    issued = door.knock("ana")
    claims = door.claims(issued)

    assert (claims.viewer_id, claims.user_id, claims.display_name) == ("ana", "ana", "Ana")
    assert (claims.stream_id, claims.owner_id, claims.role) == (STREAM_ID, OWNER_ID, "viewer")
    assert (claims.country, claims.device_class, claims.referrer_host) == (
        "NL",
        "mobile",
        "example.org",
    )
    assert claims.connection_expires_at == START + timedelta(minutes=30)
    assert claims.expires_at == START + timedelta(seconds=60)
    assert issued.viewer_token is None
    assert claims.is_counted


def test_an_anonymous_viewer_is_the_same_again_by_the_token(door: Door) -> None:
    first = door.knock()
    again = door.knock(token=first.viewer_token)
    other = door.knock()

    assert first.viewer_id == again.viewer_id != other.viewer_id
    claims = door.claims(first)
    assert claims.user_id == ""
    assert claims.display_name == f"Guest {first.viewer_id[-5:]}"
    assert claims.connection_expires_at == START + CONNECTION_LIFE


def test_nobody_becomes_somebody_by_the_public_id(door: Door) -> None:
    first = door.knock()

    assert door.knock(token=first.viewer_id).viewer_id != first.viewer_id
    assert door.knock(token=f"{first.viewer_id}.AAAA").viewer_id != first.viewer_id


def test_the_creator_is_no_audience_and_moderators_are(door: Door) -> None:
    door.standing.appoint(Actor(OWNER_ID), OWNER_ID, "mod")

    owner, mod = door.claims(door.knock(OWNER_ID)), door.claims(door.knock("mod"))

    assert (owner.role, owner.is_counted) == ("owner", False)
    assert (mod.role, mod.is_counted) == ("moderator", True)


@pytest.mark.parametrize(
    ("visibility", "certain"),
    [
        (Visibility.PUBLIC, {None, "ana", OWNER_ID, "operator"}),
        (Visibility.UNLISTED, {OWNER_ID, "operator"}),
        (Visibility.PRIVATE, {OWNER_ID, "operator"}),
    ],
)
def test_ticket_says_whether_its_holder_must_be_looked_at_again(
    door: Door, visibility: Visibility, certain: set[str | None]
) -> None:
    door.streams.stream = door.streams.stream.model_copy(update={"visibility": visibility})

    found = {
        name
        for name in (None, "ana", OWNER_ID, "operator")
        if door.claims(door.knock(name or "", is_operator=name == "operator")).is_sight_certain
    }

    assert found == certain


def test_the_banned_get_no_ticket_signed_in_or_not(door: Door) -> None:
    guest = door.knock()
    for viewer_id in ("ana", guest.viewer_id):
        door.standing.ban(Actor(OWNER_ID), OWNER_ID, viewer_id, None)

    for user_id, token in (("ana", None), ("", guest.viewer_token)):
        with pytest.raises(ForbiddenError) as caught:
            door.knock(user_id, token=token)
        assert caught.value.code == "banned"


@pytest.mark.parametrize("state", [StreamState.PROCESSING, StreamState.ENDED])
def test_a_broadcast_that_is_over_gives_out_no_ticket(door: Door, state: StreamState) -> None:
    door.streams.stream = door.streams.stream.model_copy(update={"status": state})

    with pytest.raises(InvalidStateError):
        door.knock("ana")


def test_a_token_cannot_speak_for_an_anonymous_viewer(door: Door) -> None:
    with pytest.raises(UnauthenticatedError):
        door.knock("anon_01JG0000000000000000000000")


def test_an_address_takes_so_many_tickets_a_minute(door: Door) -> None:
    for _ in range(PER_MINUTE):
        door.knock()

    with pytest.raises(RateLimitedError) as caught:
        door.knock()

    assert caught.value.retry_after_seconds == 60 / PER_MINUTE
    door.knock(address="198.51.100.1")
    door.clock.advance(60 / PER_MINUTE)
    door.knock()


def test_who_is_signed_in_is_counted_by_person_and_not_by_address(door: Door) -> None:
    for number in range(PER_MINUTE * 2):
        door.knock(f"user-{number}")
    for _ in range(TICKETS_PER_MINUTE_PER_USER):
        door.knock("ana")

    with pytest.raises(RateLimitedError):
        door.knock("ana")


def test_one_subscriber_has_one_ipv6_network(door: Door) -> None:
    for number in range(PER_MINUTE):
        door.knock(address=f"2001:db8:1:2::{number}")

    with pytest.raises(RateLimitedError):
        door.knock(address="2001:db8:1:2:ffff::1")
    door.knock(address="2001:db8:1:3::1")


def test_no_address_is_stored_and_tomorrow_it_is_somebody_else(
    door: Door, dynamodb: CountedClient
) -> None:
    door.knock(address="203.0.113.77")
    door.clock.advance(86400)
    door.knock(address="203.0.113.77")

    items = dynamodb.scan(TableName="Idempotency")["Items"]
    assert "203.0.113" not in repr(items)
    assert len({item["idempotencyKey"]["S"] for item in items}) == 2
    assert all(int(item["expiresAt"]["N"]) <= door.clock().timestamp() + 3600 for item in items)
