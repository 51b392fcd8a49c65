"""The examples of the AsyncAPI document, one of each frame; tests hold them against the schemas."""

from __future__ import annotations

from collections.abc import Mapping

from ayinel_live.runtime.errors import RateLimitedError
from ayinel_live.runtime.problems import problem_from

_TOO_FAST = RateLimitedError("You are sending too fast.", retry_after_seconds=1.5)
_STREAM = "01JZ7Q4M8XV0T3K5N9R2C6B1DA"
_MESSAGE = "01JZ7Q5A0BCDEFGHJKMNPQRSTV"
_VIEWER = "anon_01JZ7Q3ZZZZZZZZZZZZZZZZZZZ"
_SENT = "2026-01-31T20:15:04.120Z"
FRAMES: Mapping[str, Mapping[str, object]] = {
    "send-message": {
        "action": "send-message",
        "streamId": _STREAM,
        "message": "Good evening from Lisbon",
        "clientMessageId": "5f0c6f0e-1",
    },
    "delete-message": {
        "action": "delete-message",
        "messageId": "01JZ7Q5A0BCDEFGHJKMNPQRSTV",
        "reason": "Spoiler",
    },
    "heartbeat": {"action": "heartbeat"},
    "resume": {"action": "resume", "after": "01JZ7Q5A1BCDEFGHJKMNPQRSTV"},
    "message": {
        "type": "message",
        "id": "01JZ7Q5A0BCDEFGHJKMNPQRSTV",
        "streamId": _STREAM,
        "userId": "anon_01JZ7Q3ZZZZZZZZZZZZZZZZZZZ",
        "displayName": "Guest 4711",
        "role": "viewer",
        "message": "Good evening from Lisbon",
        "timestamp": "2026-01-31T20:15:04.120Z",
        "isModerated": False,
        "clientMessageId": "5f0c6f0e-1",
        "changeId": "01JZ7Q5A1BCDEFGHJKMNPQRSTV",
        "version": 1,
    },
    "viewer-count": {
        "type": "viewer-count",
        "streamId": _STREAM,
        "viewerCount": 1204,
        "version": 88,
    },
    "pong": {"type": "pong", "newestChangeId": "01JZ7Q5A1BCDEFGHJKMNPQRSTV"},
    "message-accepted": {
        "type": "message-accepted",
        "id": _MESSAGE,
        "streamId": _STREAM,
        "clientMessageId": "5f0c6f0e-1",
    },
    "message-held": {
        "type": "message-held",
        "id": _MESSAGE,
        "streamId": _STREAM,
        "userId": _VIEWER,
        "clientMessageId": "5f0c6f0e-1",
        "timestamp": _SENT,
        "version": 1,
    },
    "message-rejected": {
        "type": "message-rejected",
        "id": _MESSAGE,
        "streamId": _STREAM,
        "clientMessageId": "5f0c6f0e-1",
        "reason": "profanity",
        "detail": "The message has words that this chat does not allow.",
        "version": 1,
    },
    "message-updated": {
        "type": "message-updated",
        "id": _MESSAGE,
        "streamId": _STREAM,
        "status": "removed",
        "userId": _VIEWER,
        "timestamp": _SENT,
        "isModerated": True,
        "changeId": "01JZ7Q5B2BCDEFGHJKMNPQRSTV",
        "version": 2,
    },
    "user-banned": {
        "type": "user-banned",
        "streamId": _STREAM,
        "userId": _VIEWER,
        "sanction": "time-out",
        "until": "2026-01-31T20:25:04.120Z",
        "version": 3,
    },
    "stream-status": {
        "type": "stream-status",
        "streamId": _STREAM,
        "status": "live",
        "title": "Friday night speedrun",
        "startTime": "2026-01-31T20:00:00.000Z",
        "duration": 904,
        "recordingAvailable": False,
        "version": 7,
    },
    "stream-health": {
        "type": "stream-health",
        "streamId": _STREAM,
        "state": "healthy",
        "bitrateBps": 6000000,
        "framesPerSecond": 60.0,
        "width": 1920,
        "height": 1080,
        "lastEvent": "stream-started",
        "at": "2026-01-31T20:00:00.000Z",
        "version": 7,
    },
    "resumed": {
        "type": "resumed",
        "streamId": _STREAM,
        "newestChangeId": "01JZ7Q5A1BCDEFGHJKMNPQRSTV",
        "gapTooLarge": False,
        "hasMore": False,
    },
    "problem": {
        "type": "problem",
        "problem": dict(problem_from(_TOO_FAST).body),
        "clientMessageId": "5f0c6f0e-1",
    },
    "batch": {
        "type": "batch",
        "events": [
            {"type": "viewer-count", "streamId": _STREAM, "viewerCount": 1205, "version": 89},
            {"type": "pong", "newestChangeId": "01JZ7Q5A1BCDEFGHJKMNPQRSTV"},
        ],
    },
}
