"""Who sees which stream: by invitation, until a ban and after it, and in lists."""

from __future__ import annotations

import pytest

from ayinel_live.channels.store import MemberItem
from ayinel_live.channels.video_channels import LEASE
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import ConflictError
from ayinel_live.streams import invitations
from ayinel_live.streams.access import StoredRights, may_see
from ayinel_live.streams.invitations import Invitations
from ayinel_live.streams.listing import StreamLists
from ayinel_live.streams.model import RECONNECT_GRACE, Visibility
from ayinel_live.video.model import VideoEventKind
from tests.support.house import House, caller
from tests.support.video import video_event


def test_ban_hides_a_private_stream_from_the_invited_for_as_long_as_it_runs(house: House) -> None:
    stream = house.start(visibility=Visibility.PRIVATE).stream
    guest, rights = caller("guest"), StoredRights(house.clock)
    assert not may_see(stream, guest, rights)
    Invitations(clock=house.clock).invite(stream, "guest")
    assert may_see(stream, guest, rights)

    MemberItem("ana", "guest", banned_until=to_milliseconds(house.clock()) + 60_000).save()

    assert not may_see(stream, guest, rights)
    assert may_see(stream, caller("ana"), rights)
    house.clock.advance(60)
    assert may_see(stream, guest, rights)


def test_banned_moderator_does_not_see_a_private_stream_and_a_free_one_does(house: House) -> None:
    stream = house.start(visibility=Visibility.PRIVATE).stream
    rights = StoredRights(house.clock)
    until = to_milliseconds(house.clock()) + 60_000
    MemberItem("ana", "mod", role="moderator").save()
    MemberItem("ana", "fallen", role="moderator", banned_until=until).save()
    MemberItem("ben", "other", role="moderator").save()
    seen = {name: may_see(stream, caller(name), rights) for name in ("mod", "fallen", "other")}
    assert seen == {"mod": True, "fallen": False, "other": False}


def test_stream_takes_so_many_invitations_and_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_INVITATIONS", 3)
    stream = house.start(visibility=Visibility.PRIVATE).stream
    service = Invitations(clock=house.clock)
    for name in ("a", "b", "c"):
        service.invite(stream, name)
    with pytest.raises(ConflictError) as caught:
        service.invite(stream, "d")
    assert caught.value.code == "too-many-invitations"
    assert [entry.user_id for entry in service.page(stream, after=None, limit=9)] == ["a", "b", "c"]
    service.withdraw(stream, "b")
    service.invite(stream, "d")
    assert [entry.user_id for entry in service.page(stream, after="a", limit=9)] == ["c", "d"]


def test_start_that_died_before_its_key_is_none_of_the_creators_streams(house: House) -> None:
    with house.dying(7):
        house.start()
    lists = StreamLists(house.streams)
    assert list(lists.ids_of_owner("ana")) != []
    assert lists.of_owner("ana", limit=10).streams == ()
    house.clock.advance(LEASE.total_seconds() + 1)
    started = house.start()
    (shown,) = lists.of_owner("ana", limit=10).streams
    assert shown.stream_id == started.stream.stream_id


def test_broadcast_whose_encoder_stays_away_leaves_the_public_list_by_itself(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    lists = StreamLists(house.streams)
    assert [s.stream_id for s in lists.live(limit=10).streams] == [started.stream.stream_id]
    house.provider.drop(session.channel_id)
    house.observer.learn(video_event(VideoEventKind.STREAM_ENDED, session, house.clock()))
    assert len(lists.live(limit=10).streams) == 1
    house.clock.advance(RECONNECT_GRACE.total_seconds())
    assert lists.live(limit=10).streams == ()
