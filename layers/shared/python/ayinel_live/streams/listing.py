"""Lists of streams, page by page, with cursors that inserts do not upset.

A cursor is a place in an order that never changes (start time, or time of making), not a count of
items: what is added or removed elsewhere neither repeats nor hides anything. It holds nothing that
the caller was not shown, so that tampering with it leads only to another place of the same list.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.errors import InvalidInputError
from ayinel_live.runtime.ids import StreamId
from ayinel_live.runtime.wire import WireTime
from ayinel_live.streams.items import LISTED, StreamItem
from ayinel_live.streams.model import LiveStream, StreamState
from ayinel_live.streams.records import record_from
from ayinel_live.streams.store import StreamStore

MAX_PAGE = 100
MAX_CURSOR_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Some streams, and where the next ones begin.

    Attributes:
        streams: The streams, newest first.
        cursor: Begins the next page; None at the end.
    """

    streams: tuple[LiveStream, ...]
    cursor: str | None


class _Place(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    at: WireTime
    stream_id: StreamId


class StreamLists:
    """Lists of streams.

    Args:
        streams: Tells how streams are as of now.
    """

    def __init__(self, streams: StreamStore) -> None:
        self._streams = streams

    def live(self, *, limit: int, cursor: str | None = None) -> StreamPage:
        """Return public live streams, the latest started first.

        Args:
            limit: How many at most.
            cursor: From the page before.

        Raises:
            InvalidInputError: The cursor is none of ours.
        """
        place = _place(cursor)
        start = _key(place, "startTime", listing=LISTED)
        items = StreamItem.listing_index.query(
            LISTED,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
            last_evaluated_key=start,
        )
        records = [record_from(item) for item in items]
        shown = [self._streams.as_of_now(record.stream) for record in records]
        last = records[-1].stream if len(records) == limit else None
        at = to_rfc3339(last.start_time) if last is not None and last.start_time else None
        return StreamPage(
            tuple(stream for stream in shown if stream.status is StreamState.LIVE),
            _cursor(at, last.stream_id) if last is not None and at is not None else None,
        )

    def of_owner(self, user_id: str, *, limit: int, cursor: str | None = None) -> StreamPage:
        """Return a creator's streams, the latest made first; a start that died is none.

        Args:
            user_id: The creator.
            limit: How many at most.
            cursor: From the page before.

        Raises:
            InvalidInputError: The cursor is none of ours.
        """
        place = _place(cursor)
        start = _key(place, "createdAt", userId=user_id)
        items = StreamItem.owner_index.query(
            user_id,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
            last_evaluated_key=start,
        )
        records = [record_from(item) for item in items]
        last = records[-1].stream if len(records) == limit else None
        return StreamPage(
            tuple(
                self._streams.as_of_now(r.stream)
                for r in records
                if r.is_ready and not r.is_deleted
            ),
            _cursor(to_rfc3339(last.created_at), last.stream_id) if last is not None else None,
        )

    def ids_of_owner(self, user_id: str) -> Iterable[str]:
        """Yield the ids of all of a creator's streams, deleted ones too."""
        for item in StreamItem.owner_index.query(user_id):
            yield item.stream_id


def _cursor(at: str, stream_id: str) -> str:
    place = json.dumps({"at": at, "stream_id": stream_id}, separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    if len(cursor) > MAX_CURSOR_CHARACTERS:
        raise InvalidInputError("The cursor is not valid.", code="invalid-cursor")
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return _Place.model_validate_json(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, ValidationError):
        raise InvalidInputError("The cursor is not valid.", code="invalid-cursor") from None


def _key(place: _Place | None, sort_key: str, **partition: str) -> dict[str, dict[str, Any]] | None:
    if place is None:
        return None
    values = {**partition, sort_key: to_rfc3339(place.at), "streamId": place.stream_id}
    return {name: {"S": value} for name, value in values.items()}
