"""Records that are dealt over invocations come to the same for who watches."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.fan_out.broadcasting.house import POSTS, House
from tests.unit.fan_out.records import (
    chat_message,
    record,
)


class Screen:
    """A client behind its filter: of everything the newest version."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[int, Any]] = {}

    def take(self, events: list[Any]) -> None:
        for event in events:
            subject = event.get("id", event["type"])
            known = self.shown.get(subject)
            if known is None or event["version"] > known[0]:
                self.shown[subject] = (event["version"], event)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_one_streams_records_dealt_over_concurrent_invocations_end_on_the_same_screen(
    house: House, data: st.DataObject
) -> None:
    house.sqs.messages.clear()
    records: list[Any] = []
    newest: defaultdict[str, int] = defaultdict(int)
    for number in data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=25)):
        key = f"01JZ000000000000000000000{number}"
        version = newest[key] + 1
        newest[key] = version
        change = f"01JZ00000000000000000001{version:02}"
        old = chat_message(message_id=key, version=version - 1)
        new = chat_message(message_id=key, version=version, changed_at=change)
        records.append(record(old if version > 1 else None, new))
    dealt: defaultdict[int, list[Any]] = defaultdict(list)
    for one in records:
        dealt[data.draw(st.integers(0, 3))].append(one)
    lanes = list(dealt.values())
    lanes += data.draw(st.lists(st.sampled_from(lanes), max_size=2))
    screen = Screen()
    for lane in data.draw(st.permutations(lanes)):
        assert house.make().broadcast(lane).set_aside == 0
    for body in house.sqs.bodies(POSTS):
        screen.take(body["events"])
    assert {key: version for key, (version, _) in screen.shown.items()} == newest
