"""What the store of streams refuses by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ayinel_live.runtime.errors import NotFoundError
from tests.support.house import House


def test_only_a_stream_that_is_marked_deleted_can_be_deleted(house: House) -> None:
    stream_id = house.start().stream.stream_id

    house.streams.delete(stream_id)
    assert house.streams.record(stream_id).stream.stream_id == stream_id

    house.streams.change(stream_id, lambda record: replace(record, is_deleted=True))
    house.streams.delete(stream_id)
    house.streams.delete(stream_id)
    with pytest.raises(NotFoundError):
        house.streams.record(stream_id)
