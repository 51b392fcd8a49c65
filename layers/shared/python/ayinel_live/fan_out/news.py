"""News: what a table's change means to people, before it is known who of them is connected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel

from ayinel_live.fan_out.postings import Event


@dataclass(frozen=True, slots=True)
class ForEveryone:
    """An event for all connections of a stream."""

    stream_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class ForPerson:
    """An event for one person's connections at a stream."""

    stream_id: str
    viewer_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class ForStaff:
    """An event for the owner's and the moderators' connections at a stream."""

    stream_id: str
    owner_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class ForChannel:
    """An event for everyone at a creator's open streams; `streamId` is filled in for each."""

    owner_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class PersonOut:
    """One person's connections at all streams of a creator are closed."""

    owner_id: str
    viewer_id: str


@dataclass(frozen=True, slots=True)
class EveryoneOut:
    """All connections of a stream are closed."""

    stream_id: str


@dataclass(frozen=True, slots=True)
class StrangersOut:
    """Connections at a stream that became private are closed, but for those with a right."""

    stream_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class InvitationLost:
    """A person's connections at a stream are closed if the stream is private."""

    stream_id: str
    viewer_id: str


News: TypeAlias = (
    ForEveryone
    | ForPerson
    | ForStaff
    | ForChannel
    | PersonOut
    | EveryoneOut
    | StrangersOut
    | InvitationLost
)


def event_of(frame: BaseModel) -> Event:
    """Render a frame as it will stand on the wire.

    Args:
        frame: One of `connections.frames`.
    """
    event: Event = frame.model_dump(mode="json", by_alias=True, exclude_none=True)
    return event
