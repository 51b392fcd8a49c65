"""What the fan-out worker asks the tables before it knows whom to send to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pynamodb.exceptions import DoesNotExist

from ayinel_live.audience.store import TOTALS, AudienceItem
from ayinel_live.channels.model import Role
from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.shards import shard_count
from ayinel_live.connections.store import ConnectionStore, OpenConnection
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import StreamState, Visibility

# A creator has one open stream; the ones before it may still have people in their chats.
_LATEST_STREAMS = 5
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Crowd:
    """A stream's audience.

    Attributes:
        shards: How many shards its connections are dealt over.
        viewers: How many people watch now.
    """

    shards: int
    viewers: int


class Lookups:
    """Reads for fan-out.

    Args:
        connections: Finds connections.
    """

    def __init__(self, connections: ConnectionStore) -> None:
        self._connections = connections

    def crowds(self, stream_ids: Iterable[str]) -> dict[str, Crowd]:
        """Return how large each stream's audience is, seeing every join that could matter.

        The read is consistent: whoever joined before has read the same peak or an older one, and
        so sits in a shard below this count.

        Args:
            stream_ids: The streams.
        """
        wanted = list(dict.fromkeys(stream_ids))
        found = AudienceItem.batch_get(
            [(stream_id, TOTALS) for stream_id in wanted],
            consistent_read=True,
            attributes_to_get=["streamId", "kind", "peakViewers", "viewerCount"],
        )
        crowds = {
            item.stream_id: Crowd(shard_count(int(item.peak_viewers or 0)), int(item.viewer_count))
            for item in found
        }
        return {stream_id: crowds.get(stream_id, Crowd(1, 0)) for stream_id in wanted}

    def streams_of(self, owner_id: str) -> tuple[str, ...]:
        """Return a creator's streams in which people may be now.

        Args:
            owner_id: The creator.
        """
        latest = StreamItem.owner_index.query(
            owner_id, scan_index_forward=False, limit=_LATEST_STREAMS, page_size=_LATEST_STREAMS
        )
        return tuple(
            item.stream_id
            for place, item in enumerate(latest)
            if not item.deleted_at and (place == 0 or item.status != StreamState.ENDED)
        )

    def staff(self, stream_id: str, owner_id: str) -> tuple[str, ...]:
        """Return the connections of people who are owner or moderator now.

        Args:
            stream_id: The stream.
            owner_id: Its creator.
        """
        candidates = self._connections.staff_of(stream_id)
        moderators = self._moderators(owner_id, candidates)
        return tuple(
            candidate.connection_id
            for candidate in candidates
            if candidate.viewer_id == owner_id or candidate.viewer_id in moderators
        )

    def is_out(self, stream_id: str, viewer_id: str) -> bool:
        """Say whether somebody without an invitation has no right to a stream.

        Args:
            stream_id: The stream.
            viewer_id: The person.
        """
        try:
            stream = StreamItem.get(stream_id, consistent_read=True)
        except DoesNotExist:
            return False
        if stream.visibility != Visibility.PRIVATE or stream.user_id == viewer_id:
            return False
        person = OpenConnection("", viewer_id)
        if self._invited(stream_id, [person]):
            return False
        return not self._moderators(stream.user_id, [person])

    def strangers(self, stream_id: str, owner_id: str) -> Iterator[tuple[str, ...]]:
        """Yield the connections at a private stream that have no right to it, a page at a time.

        Args:
            stream_id: The stream.
            owner_id: Its creator.
        """
        for shard in range(self.crowds([stream_id])[stream_id].shards):
            page: list[str] = []
            for connection_id in self._connections.in_shard(stream_id, shard):
                page.append(connection_id)
                if len(page) == _PAGE:
                    yield self._without_right(stream_id, owner_id, page)
                    page = []
            if page:
                yield self._without_right(stream_id, owner_id, page)

    def _without_right(
        self, stream_id: str, owner_id: str, connection_ids: list[str]
    ) -> tuple[str, ...]:
        people = list(self._connections.viewers(connection_ids))
        entitled = self._invited(stream_id, people) | self._moderators(owner_id, people)
        return tuple(
            person.connection_id
            for person in people
            if person.viewer_id != owner_id and person.viewer_id not in entitled
        )

    @staticmethod
    def _moderators(owner_id: str, people: Iterable[OpenConnection]) -> set[str]:
        viewer_ids = {
            chatter_id(owner_id, person.viewer_id): person.viewer_id
            for person in people
            if person.viewer_id != owner_id
        }
        keys = [(owner_id, chatter) for chatter in viewer_ids]
        found = ChatterItem.batch_get(keys, consistent_read=True)
        return {viewer_ids[item.chatter_id] for item in found if item.role == Role.MODERATOR}

    @staticmethod
    def _invited(stream_id: str, people: Iterable[OpenConnection]) -> set[str]:
        keys = {(stream_id, person.viewer_id) for person in people}
        found = InvitationItem.batch_get(list(keys), consistent_read=True)
        return {item.user_id for item in found}
