from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest

from ayinel_live.runtime.errors import ConflictError, InvalidInputError
from ayinel_live.streams import invitations as subject
from ayinel_live.streams.invitation_store import InvitationStore
from ayinel_live.streams.invitations import Invitations
from ayinel_live.streams.model import LiveStream
from tests.support.house import House


@pytest.fixture
def stream(house: House) -> LiveStream:
    return house.start().stream


@pytest.fixture
def invitations(monkeypatch: pytest.MonkeyPatch) -> Invitations:
    """Invitations of which a stream can have two."""
    monkeypatch.setattr(subject, "MAX_INVITATIONS", 2)
    return Invitations()


def invited(stream: LiveStream) -> set[str]:
    return set(InvitationStore().of_stream(stream.stream_id))


def test_stream_has_no_more_invitations_than_it_can_have(
    stream: LiveStream, invitations: Invitations
) -> None:
    invitations.invite(stream, "ben")
    invitations.invite(stream, "cem")
    with pytest.raises(ConflictError) as caught:
        invitations.invite(stream, "dia")
    assert caught.value.code == "too-many-invitations"
    assert invited(stream) == {"ben", "cem"}


def test_who_is_invited_can_be_invited_again_also_when_the_stream_is_full(
    stream: LiveStream, invitations: Invitations
) -> None:
    for person in ("ben", "cem", "ben", "cem"):
        invitations.invite(stream, person)
    assert invited(stream) == {"ben", "cem"}


def test_inviting_twice_counts_once_and_withdrawing_twice_makes_room_once(
    stream: LiveStream, invitations: Invitations
) -> None:
    for person in ("ben", "ben", "cem"):
        invitations.invite(stream, person)
    invitations.withdraw(stream, "ben")
    invitations.withdraw(stream, "ben")
    invitations.invite(stream, "dia")
    with pytest.raises(ConflictError):
        invitations.invite(stream, "eli")
    assert invited(stream) == {"cem", "dia"}


def test_invitations_that_come_between_one_anothers_writes_do_not_pass_the_bound(
    stream: LiveStream, invitations: Invitations
) -> None:
    # Whatever the second reads before it writes, the first has written by then.
    put = InvitationStore.put
    others = iter(["cem", "dia"])

    def put_late(store: InvitationStore, stream_id: str, *rest: object, **named: object) -> bool:
        if (other := next(others, None)) is not None:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(invitations.invite, stream, other).exception()
        return put(store, stream_id, *rest, **named)  # type: ignore[arg-type]  # handed on as given

    with patch.object(InvitationStore, "put", put_late), pytest.raises(ConflictError):
        invitations.invite(stream, "ben")
    assert len(invited(stream)) == 2


def test_one_page_and_the_lists_of_a_person_hold_invitations_alone(
    stream: LiveStream, invitations: Invitations
) -> None:
    invitations.invite(stream, "ben")
    assert [entry.user_id for entry in invitations.page(stream, after=None, limit=10)] == ["ben"]
    assert list(InvitationStore().of_user("ben")) == [stream.stream_id]


def test_owner_needs_no_invitation(stream: LiveStream, invitations: Invitations) -> None:
    with pytest.raises(InvalidInputError):
        invitations.invite(stream, stream.user_id)
