"""Merging: many events become as few frames as hold them.

What is outdated before it left is not sent: of a viewer count, a stream's state or a message the
newest version wins. It takes the place of the oldest, so that a sender's messages stay in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from ayinel_live.fan_out.postings import Event
from ayinel_live.fan_out.signer import Payload

# API Gateway bills and limits WebSocket messages by frames of 32 KB (quota page).
MAX_FRAME_BYTES = 32 * 1024
_OPENING = b'{"type":"batch","events":['
_CLOSING = b"]}"
_ENVELOPE_BYTES = len(_OPENING) + len(_CLOSING)
_ABOUT_A_MESSAGE = frozenset({"message", "message-updated", "message-held", "message-rejected"})


class Frame(NamedTuple):
    """A frame, and the events in it for the case that it must be handed on."""

    payload: Payload
    events: tuple[Event, ...]


def newest(events: Iterable[Event]) -> list[Event]:
    """Return the events without those that a newer version has overtaken.

    Args:
        events: In order; each carries `type` and, where versions exist, `version`.
    """
    kept: dict[tuple[object, ...], Event] = {}
    for position, event in enumerate(events):
        subject = _subject(event, position)
        before = kept.get(subject)
        if before is None or _version(event) >= _version(before):
            kept[subject] = event
    return list(kept.values())


def frames_of(events: Iterable[Event]) -> tuple[Frame, ...]:
    """Pack events into frames of 32 KB at most, in order.

    Args:
        events: In order.

    Returns:
        One frame unless they are too many; a single event stands bare, several in a `batch`. An
        event that is too large for any frame is left out.
    """
    frames: list[Frame] = []
    texts: list[bytes] = []
    packed: list[Event] = []
    size = _ENVELOPE_BYTES
    for event in newest(events):
        text = encode(event)
        if len(text) > MAX_FRAME_BYTES:
            continue
        if texts and size + len(text) + 1 > MAX_FRAME_BYTES:
            frames.append(_frame(texts, packed))
            texts, packed, size = [], [], _ENVELOPE_BYTES
        texts.append(text)
        packed.append(event)
        size += len(text) + 1
    if texts:
        frames.append(_frame(texts, packed))
    return tuple(frames)


def encode(event: Event) -> bytes:
    """Render an event as on the wire; a lone surrogate, which is no text, becomes `?`."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _frame(texts: list[bytes], events: list[Event]) -> Frame:
    body = texts[0] if len(texts) == 1 else _OPENING + b",".join(texts) + _CLOSING
    return Frame(Payload.of(body), tuple(events))


def _subject(event: Event, position: int) -> tuple[object, ...]:
    """Return what the event is about; events about the same thing replace each other."""
    kind = event.get("type")
    if "version" not in event:
        return (kind, position)
    stream = event.get("streamId")
    if kind in _ABOUT_A_MESSAGE:
        return ("message", stream, event.get("id"))
    return (kind, stream, event.get("userId"))


def _version(event: Event) -> int:
    version = event.get("version", 0)
    return version if isinstance(version, int) else 0
