"""The stream slice put together over a provider in memory and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from ayinel_live.channels.store import ChannelItem, MemberItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.idempotency import IdempotencyItem, IdempotencyStore
from ayinel_live.streams.deletion import ErasureQueue, ErasureWork
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import LiveStream, Visibility
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.reconciliation import Reconciler, Report
from ayinel_live.streams.start_request import StartedStream, StartRequest
from ayinel_live.streams.starting import StreamStarting
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import AnyWork, VideoWorkQueue
from ayinel_live.video.model import Quality, VideoEventKind, VideoSession
from tests.support.clock import FixedClock
from tests.support.video import DiedError, FakeProvider, video_event

STREAM_ITEMS = (ChannelItem, IdempotencyItem, InvitationItem, MemberItem, StreamItem)


def caller(user_id: str = "ana", *, is_operator: bool = False) -> Caller:
    """Return a signed-in person."""
    return Caller(user_id, user_id.title(), is_operator, datetime(2030, 1, 1, tzinfo=UTC))


def request(**changes: object) -> StartRequest:
    """Return a start request; everything has a default."""
    values: dict[str, object] = {
        "title": "A broadcast",
        "description": "",
        "visibility": Visibility.PUBLIC,
        "quality": Quality.HD,
        **changes,
    }
    return StartRequest(**values)  # type: ignore[arg-type]  # builder with loose changes


class RememberedWork(VideoWorkQueue):
    """A queue of background calls that only remembers, the keys of repeats too."""

    def __init__(self) -> None:
        super().__init__(lambda: None, "queue")
        self.sent: list[AnyWork] = []
        self.keys: list[str] = []

    def send(self, work: AnyWork, *, key: str) -> None:
        self.sent.append(work)
        self.keys.append(key)


class RememberedErasures(ErasureQueue):
    """A queue of erasures that only remembers."""

    def __init__(self) -> None:
        super().__init__(lambda: None, "queue")
        self.sent: list[ErasureWork] = []

    def send(self, work: ErasureWork, *, delay_seconds: int = 0) -> None:
        self.sent.append(work)


class House:
    """Everything that a stream's life takes."""

    def __init__(self, *, can_record: bool = True) -> None:
        self.clock = FixedClock()
        self.provider = FakeProvider(self.clock, can_record=can_record)
        self.streams = StreamStore(self.clock)
        self.channels = ChannelStore(self.clock, sleep=self._sleep)
        self.starting = StreamStarting(
            self.provider,
            self.streams,
            self.channels,
            IdempotencyStore(),
            stage="test",
            clock=self.clock,
        )
        self.ending = StreamEnding(self.provider, self.streams, self.channels, self.clock)
        self.observer = StreamObserver(self.streams, self.channels)
        self.work = RememberedWork()
        self.erasures = RememberedErasures()
        self.reconciler = Reconciler(
            self.provider,
            self.streams,
            self.observer,
            self.ending,
            self.work,
            self.erasures,
            self.clock,
        )

    def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @contextmanager
    def dying(self, calls: int) -> Iterator[None]:
        """The process ends after that many calls to the provider: not even a lease is given back.

        Args:
            calls: How many calls are made.
        """
        self.provider.die_after = len(self.provider.calls) + calls
        with (
            patch.object(ChannelStore, "_release", staticmethod(lambda *_: None)),
            pytest.raises(DiedError),
        ):
            yield
        self.provider.die_after = None

    def start(
        self, user_id: str = "ana", key: str | None = None, **changes: object
    ) -> StartedStream:
        """Start a stream."""
        return self.starting.start(caller(user_id), request(**changes), key)

    def stop(self, stream: LiveStream) -> LiveStream:
        """Stop a stream as its owner."""
        return self.ending.stop(stream, stopped_by=stream.user_id)

    def go_live(self, started: StartedStream) -> VideoSession:
        """Push with a stream's key and take in what the provider tells of it."""
        self.clock.advance(2)
        session = self.provider.push(started.key.value)
        assert session is not None, "the key was refused"
        for kind in (VideoEventKind.SESSION_CREATED, VideoEventKind.STREAM_STARTED):
            self.observer.learn(video_event(kind, session))
        return session

    def tick(self, seconds: float = 60) -> Report:
        """Let time pass and make a reconciling pass."""
        self.clock.advance(seconds)
        return self.reconciler.run()

    def working_keys(self) -> list[str]:
        """Return the keys with which somebody could push now."""
        return [c.key for c in self.provider.channels.values() if c.key is not None]
