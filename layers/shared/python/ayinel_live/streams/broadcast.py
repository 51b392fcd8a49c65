"""What is known of a broadcast's pushes and recordings: facts that only ever accumulate.

Each fact is an instant that merges by minimum or maximum, so that facts come to the same whatever
the order and however often they are told (a join semilattice). What the facts mean - the state, the
times - is derived from them in `state.py`, never stored apart from them.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# An encoder that comes and goes all day may not fill the item (DynamoDB: 400 KB); beyond this many
# pushes the oldest two are kept as one.
MAX_PUSHES = 200
MAX_RECORDINGS = 100


class _Facts(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True
    )


class Push(_Facts):
    """One session of an encoder. Instants are epoch milliseconds as the provider told them.

    Attributes:
        created_at: Its session was made.
        first_started_at: First time on air.
        last_started_at: Last time on air.
        stream_ended_at: Last time off air.
        session_ended_at: Its session was closed.
        gone_at: It was missed at the provider for certain, by two looks of the reconciler.
    """

    created_at: int | None = None
    first_started_at: int | None = None
    last_started_at: int | None = None
    stream_ended_at: int | None = None
    session_ended_at: int | None = None
    gone_at: int | None = None

    @property
    def is_on_air(self) -> bool:
        """Whether pictures come now, as far as is known."""
        if self.last_started_at is None:
            return False
        if self.session_ended_at is not None or self.gone_at is not None:
            return False
        return self.stream_ended_at is None or self.stream_ended_at < self.last_started_at

    @property
    def began_at(self) -> int | None:
        """When pictures first came; None where they never did."""
        if self.first_started_at is not None:
            return self.first_started_at
        if self.stream_ended_at is None:
            return None
        # The start was never told; what ended must have begun.
        return self.created_at if self.created_at is not None else self.stream_ended_at

    @property
    def ended_at(self) -> int | None:
        """When pictures last came; None while they do, or where they never did."""
        if self.is_on_air or self.began_at is None:
            return None
        told = next(
            (
                t
                for t in (self.stream_ended_at, self.session_ended_at, self.gone_at)
                if t is not None
            ),
            None,
        )
        return None if told is None else max(told, self.began_at)


class Recording(_Facts):
    """One recording. Instants are epoch milliseconds.

    Attributes:
        bucket: Where it lies.
        prefix: Under which prefix.
        started_at: It began.
        ended_at: It was finished and can be played.
        failed_at: It could not be begun or finished.
        duration_ms: Its length.
    """

    bucket: str = ""
    prefix: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    failed_at: int | None = None
    duration_ms: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.ended_at is not None or self.failed_at is not None


class Broadcast(_Facts):
    """All facts of one broadcast.

    Attributes:
        created_at: The stream was made.
        is_recorded: Whether a recording is to be expected.
        sessions_after: A session whose events are all older belongs to an earlier broadcast.
        past_session_ids: Sessions of the channel that are known to belong to earlier broadcasts.
        session_ids: Sessions of this broadcast, also those whose facts were merged away.
        pushes: Facts by session id.
        recordings: Facts by recording id.
        stop_requested_at: The owner or an operator ended it.
        closed_at: It was found over and its key is (being) revoked: it never comes back on air.
        seen_until: The latest instant that any event or tick has told of.
    """

    created_at: int
    is_recorded: bool = False
    sessions_after: int | None = None
    past_session_ids: frozenset[str] = frozenset()
    session_ids: frozenset[str] = frozenset()
    pushes: dict[str, Push] = Field(default_factory=dict)
    recordings: dict[str, Recording] = Field(default_factory=dict)
    stop_requested_at: int | None = None
    closed_at: int | None = None
    seen_until: int = 0


def earliest(*instants: int | None) -> int | None:
    """Return the smallest known instant."""
    return min((instant for instant in instants if instant is not None), default=None)


def latest(*instants: int | None) -> int | None:
    """Return the largest known instant."""
    return max((instant for instant in instants if instant is not None), default=None)


def merge_push(known: Push, told: Push) -> Push:
    """Return what two tellings of one push come to."""
    return Push(
        created_at=earliest(known.created_at, told.created_at),
        first_started_at=earliest(known.first_started_at, told.first_started_at),
        last_started_at=latest(known.last_started_at, told.last_started_at),
        stream_ended_at=latest(known.stream_ended_at, told.stream_ended_at),
        session_ended_at=earliest(known.session_ended_at, told.session_ended_at),
        gone_at=earliest(known.gone_at, told.gone_at),
    )


def merge_recording(known: Recording, told: Recording) -> Recording:
    """Return what two tellings of one recording come to."""
    return Recording(
        bucket=max(known.bucket, told.bucket),
        prefix=max(known.prefix, told.prefix),
        started_at=earliest(known.started_at, told.started_at),
        ended_at=earliest(known.ended_at, told.ended_at),
        failed_at=earliest(known.failed_at, told.failed_at),
        duration_ms=max(known.duration_ms, told.duration_ms),
    )


def with_push(broadcast: Broadcast, session_id: str, told: Push) -> Broadcast:
    """Return the broadcast with more known of one push."""
    if session_id in broadcast.session_ids and session_id not in broadcast.pushes:
        return broadcast  # Merged away long ago.
    merged = merge_push(broadcast.pushes.get(session_id, Push()), told)
    pushes = {**broadcast.pushes, session_id: merged}
    return broadcast.model_copy(
        update={
            "pushes": _compact(pushes) if len(pushes) > MAX_PUSHES else pushes,
            "session_ids": broadcast.session_ids | {session_id},
        }
    )


def with_recording(broadcast: Broadcast, recording_id: str, told: Recording) -> Broadcast:
    """Return the broadcast with more known of one recording."""
    known = broadcast.recordings.get(recording_id)
    if known is None and len(broadcast.recordings) >= MAX_RECORDINGS:
        return broadcast
    merged = merge_recording(known or Recording(), told)
    return broadcast.model_copy(
        update={"recordings": {**broadcast.recordings, recording_id: merged}}
    )


def longest_recording(broadcast: Broadcast) -> Recording | None:
    """Return the recording that is played: the one, or of a split broadcast the longest part."""
    playable = [part for part in broadcast.recordings.values() if part.ended_at is not None]
    return max(playable, key=lambda part: part.duration_ms, default=None)


def _compact(pushes: dict[str, Push]) -> dict[str, Push]:
    """Keep the two oldest finished pushes as one that spans both."""
    finished = sorted(
        (push.began_at or push.created_at or 0, session_id)
        for session_id, push in pushes.items()
        if push.ended_at is not None or push.began_at is None
    )
    if len(finished) < 2:
        return pushes
    kept, merged = finished[0][1], finished[1][1]
    span = merge_push(pushes[kept], pushes[merged])
    rest = {session_id: push for session_id, push in pushes.items() if session_id != merged}
    return {**rest, kept: span}
