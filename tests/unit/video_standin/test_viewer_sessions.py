import time
from collections.abc import Iterator

import pytest

from local.video.live_playlist import LivePlaylist
from local.video.playback_token import Grant, TokenRefusedError
from local.video.settings import VideoSettings
from local.video.store import Store
from local.video.viewer_sessions import ViewerSessions

ARN = "arn:aws:ivs:us-east-1:000000000000:channel/AbCdEfGhIjKl"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Iterator[ViewerSessions]:
    store = Store(None)
    settings = VideoSettings(viewer_idle_seconds=10, viewer_session_seconds=300)
    yield ViewerSessions(settings, store, clock)
    store.close()


def enter(sessions: ViewerSessions, **grant: object) -> str:
    expires = int(time.time()) + 60
    made = Grant(**{"expires_at": expires, **grant})  # type: ignore[arg-type]  # a test's shorthand
    return sessions.open(ARN, LivePlaylist(20), made).handle


def test_only_players_that_poll_are_viewers(sessions: ViewerSessions, clock: Clock) -> None:
    first, second = enter(sessions), enter(sessions)
    assert sessions.count(ARN) == 0
    sessions.find(first, is_poll=True)
    sessions.find(second)
    assert sessions.count(ARN) == 1
    assert sessions.count(ARN + "x") == 0
    clock.now += 11
    assert sessions.count(ARN) == 0


def test_forgotten_session_has_to_start_anew(sessions: ViewerSessions, clock: Clock) -> None:
    handle = enter(sessions)
    clock.now += 299
    assert sessions.find(handle) is not None
    clock.now += 301
    assert sessions.find(handle) is None


def test_later_revocation_never_loosens_an_earlier_one(sessions: ViewerSessions) -> None:
    sessions.revoke(ARN, "v", 5)
    sessions.revoke(ARN, "v", 2)
    with pytest.raises(TokenRefusedError):
        enter(sessions, viewer_id="v", version=5)
    assert enter(sessions, viewer_id="v", version=6)


def test_viewer_without_an_id_cannot_be_revoked(sessions: ViewerSessions) -> None:
    handle = enter(sessions)
    sessions.revoke(ARN, "v", 100)
    assert sessions.find(handle) is not None


def test_refused_session_does_not_spend_its_token(sessions: ViewerSessions) -> None:
    sessions.revoke(ARN, "v", 0)
    with pytest.raises(TokenRefusedError, match="revoked"):
        enter(sessions, viewer_id="v", single_use_id="u")
    assert enter(sessions, viewer_id="w", single_use_id="u")
    with pytest.raises(TokenRefusedError, match="used before"):
        enter(sessions, viewer_id="w", single_use_id="u")


def test_handles_are_not_alike(sessions: ViewerSessions) -> None:
    handles = {enter(sessions) for _ in range(100)}
    assert len(handles) == 100
    assert min(map(len, handles)) >= 32
