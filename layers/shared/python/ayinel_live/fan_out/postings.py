"""Postings: what the fan-out worker hands the post worker over the `posts` queue.

A posting says which events go to whom. Its message group is whom it goes to, so that the queue
keeps each recipient's order; and a posting that could not be finished comes back as one for the
connections that are left, in its old place of that order.

Everything that the post worker imports is made of named tuples and plain classes: a dataclass costs
half a millisecond of each cold start.
"""

from __future__ import annotations

import json
from hashlib import blake2b, sha256
from typing import Any, NamedTuple, TypeAlias

Event: TypeAlias = dict[str, Any]


class BadPostingError(Exception):
    """The body of a queue message is no posting."""


class ToShard(NamedTuple):
    """All connections of one shard of a stream."""

    stream_id: str
    shard: int

    @property
    def group(self) -> str:
        """Message group: a connection keeps its shard, so its events keep their order."""
        return f"{self.stream_id}#{self.shard}"

    def to_wire(self) -> dict[str, Any]:
        """Render for the queue."""
        return {"shard": self.shard, "streamId": self.stream_id}


class ToPerson(NamedTuple):
    """One person's connections at one stream, or at all streams of one creator.

    Attributes:
        viewer_id: The person.
        stream_id: The stream, or empty.
        owner_id: The creator, or empty.
    """

    viewer_id: str
    stream_id: str = ""
    owner_id: str = ""

    @property
    def group(self) -> str:
        """Message group; ids of people may be longer than a group's name."""
        return "person#" + blake2b(self.viewer_id.encode(), digest_size=16).hexdigest()

    def to_wire(self) -> dict[str, Any]:
        """Render for the queue."""
        return {"viewerId": self.viewer_id, "streamId": self.stream_id, "ownerId": self.owner_id}


class ToConnections(NamedTuple):
    """Some connections, by name.

    Attributes:
        stream_id: Their stream, or empty where they are at several.
        connection_ids: The connections.
        lane: Message group, kept from the posting that these are the rest of.
    """

    stream_id: str
    connection_ids: tuple[str, ...]
    lane: str

    @property
    def group(self) -> str:
        """Message group."""
        return self.lane

    def to_wire(self) -> dict[str, Any]:
        """Render for the queue."""
        return {
            "connectionIds": list(self.connection_ids),
            "streamId": self.stream_id,
            "lane": self.lane,
        }


Recipient: TypeAlias = ToShard | ToPerson | ToConnections


class Posting(NamedTuple):
    """Events for a recipient.

    Attributes:
        recipient: Whom they go to.
        events: Frames without their `batch` wrapper, in order.
        closes: Whether the connections are closed after them.
        attempt: How many workers have tried before.
        since: Sequence number of the first try, its place in the order; empty before that.
    """

    recipient: Recipient
    events: tuple[Event, ...] = ()
    closes: bool = False
    attempt: int = 0
    since: str = ""

    def to_body(self) -> str:
        """Render the queue message's body."""
        content: dict[str, Any] = {"to": self.recipient.to_wire()}
        if self.events:
            content["events"] = self.events
        if self.closes:
            content["closes"] = True
        if self.attempt:
            content["attempt"], content["since"] = self.attempt, self.since
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def first_tried_at(self, sequence_number: str) -> Posting:
        """Return the posting with its place in the order of the queue.

        Args:
            sequence_number: Of the queue message that it came in.
        """
        return self._replace(since=sequence_number)

    @classmethod
    def from_body(cls, body: str) -> Posting:
        """Parse a queue message's body.

        Raises:
            BadPostingError: It is no posting.
        """
        try:
            content = json.loads(body)
            events = tuple(content.get("events", ()))
            if not all(isinstance(event, dict) and "type" in event for event in events):
                raise BadPostingError("an event has no type")
            since = str(content.get("since", ""))
            if since and not since.isdecimal():
                raise BadPostingError("its place is no number")
            return cls(
                recipient=_recipient(content["to"]),
                events=events,
                closes=bool(content.get("closes", False)),
                attempt=int(content.get("attempt", 0)),
                since=since,
            )
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise BadPostingError(type(error).__name__) from None


def deduplication_id(*parts: str) -> str:
    """Return a message's deduplication id: what is handed over again is the same message.

    Args:
        parts: What makes the message what it is, such as its group and the ids of its records.
    """
    return sha256("\n".join(parts).encode()).hexdigest()


def _recipient(content: dict[str, Any]) -> Recipient:
    if "connectionIds" in content:
        ids = tuple(str(connection_id) for connection_id in content["connectionIds"])
        return ToConnections(str(content.get("streamId", "")), ids, str(content["lane"]))
    if "viewerId" in content:
        return ToPerson(
            str(content["viewerId"]),
            str(content.get("streamId", "")),
            str(content.get("ownerId", "")),
        )
    return ToShard(str(content["streamId"]), int(content["shard"]))
