"""Keeps the control API's records: in memory to read, in SQLite to survive a restart."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from local.video.resources import (
    Channel,
    OpenRecording,
    PlaybackKeyPair,
    PlaybackRestrictionPolicy,
    Record,
    RecordingConfiguration,
    Revocation,
    StreamKey,
    StreamSession,
)

FILE_NAME = "video.sqlite3"
MAX_SESSIONS_PER_CHANNEL = 100

RecordT = TypeVar("RecordT", bound=Record)


class Shelf(Generic[RecordT]):
    """All records of one kind, in the order in which they were first put there."""

    def __init__(self, database: sqlite3.Connection, record_type: type[RecordT]) -> None:
        self._database = database
        self._kind = record_type.kind
        rows = database.execute(
            "SELECT key, body FROM records WHERE kind = ? ORDER BY rowid", (self._kind,)
        )
        self._records = {key: record_type.model_validate_json(body) for key, body in rows}

    def __iter__(self) -> Iterator[RecordT]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> RecordT | None:
        """Find a record.

        Args:
            key: Its name on the shelf.

        Returns:
            The record, or nothing.
        """
        return self._records.get(key)

    def put(self, record: RecordT) -> None:
        """Keep a record, in the place of one with the same key.

        Args:
            record: What to keep.
        """
        with self._database:
            self._database.execute(
                "INSERT INTO records (kind, key, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                (self._kind, record.key, record.stored()),
            )
        self._records[record.key] = record

    def remove(self, key: str) -> None:
        """Forget a record, if it is there.

        Args:
            key: Its name on the shelf.
        """
        with self._database:
            self._database.execute(
                "DELETE FROM records WHERE kind = ? AND key = ?", (self._kind, key)
            )
        self._records.pop(key, None)


class Store:
    """The shelves.

    Attributes:
        channels: By ARN.
        stream_keys: By ARN.
        playback_key_pairs: By ARN.
        recording_configurations: By ARN.
        playback_restriction_policies: By ARN.
        sessions: By stream id.
        revocations: By channel and viewer.
        open_recordings: By key prefix.
    """

    def __init__(self, state_dir: Path | None) -> None:
        """Open the file, making it if need be.

        Args:
            state_dir: Its folder; nothing outlives the process without one.
        """
        self._database = sqlite3.connect(_prepare(state_dir))
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS records"
            " (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, key))"
        )
        self.channels = Shelf(self._database, Channel)
        self.stream_keys = Shelf(self._database, StreamKey)
        self.playback_key_pairs = Shelf(self._database, PlaybackKeyPair)
        self.recording_configurations = Shelf(self._database, RecordingConfiguration)
        self.playback_restriction_policies = Shelf(self._database, PlaybackRestrictionPolicy)
        self.sessions = Shelf(self._database, StreamSession)
        self.revocations = Shelf(self._database, Revocation)
        self.open_recordings = Shelf(self._database, OpenRecording)

    def channel_of_key(self, value: str) -> Channel | None:
        """Find the channel that a stream key opens.

        Args:
            value: The secret.

        Returns:
            The channel, or nothing if no key has this value.
        """
        for stream_key in self.stream_keys:
            if stream_key.value == value:
                return self.channels.get(stream_key.channel_arn)
        return None

    def keys_of_channel(self, channel_arn: str) -> list[StreamKey]:
        """Returns the stream keys of a channel, none or one.

        Args:
            channel_arn: The channel.
        """
        return [key for key in self.stream_keys if key.channel_arn == channel_arn]

    def sessions_of_channel(self, channel_arn: str) -> list[StreamSession]:
        """Returns the sessions of a channel, the newest first.

        Args:
            channel_arn: The channel.
        """
        found = [session for session in self.sessions if session.channel_arn == channel_arn]
        return found[::-1]

    def forget_old_sessions(self, channel_arn: str) -> None:
        """Drop what a channel has beyond its newest hundred sessions.

        Args:
            channel_arn: The channel.
        """
        for session in self.sessions_of_channel(channel_arn)[MAX_SESSIONS_PER_CHANNEL:]:
            self.sessions.remove(session.key)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _prepare(state_dir: Path | None) -> str:
    if state_dir is None:
        return ":memory:"
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / FILE_NAME
    path.touch(mode=0o600)
    path.chmod(0o600)
    return str(path)
