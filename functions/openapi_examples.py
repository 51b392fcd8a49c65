"""The examples of the OpenAPI document: one evening of one creator, told by every model.

By the models' names in the document. A test holds each against its schema and sees that no
operation goes without.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ayinel_live.runtime.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
    UnsupportedError,
    UpstreamError,
)
from ayinel_live.runtime.problems import (
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
    problem_from,
)

Example = dict[str, Any]
STREAM_ID = "01JZ7Q4M8XV0T3K5N9R2C6B1DA"
MESSAGE_ID = "01JZ7Q8C1N5R7W3X9Z2T4V6B8D"
CREATOR, VIEWER, MODERATOR = "ana", "ben", "mia"
STARTED, ENDED = "2026-03-14T19:00:00.000Z", "2026-03-14T20:30:00.000Z"
_LATER = "2026-03-14T19:12:05.250Z"
_PICTURE = "https://live.example/recordings/latest/thumb.jpg"

_STREAM: Example = {
    "id": STREAM_ID,
    "streamId": STREAM_ID,
    "userId": CREATOR,
    "title": "Friday night speedrun",
    "description": "Any%, no glitches.",
    "status": "live",
    "state": "LIVE",
    "visibility": "PUBLIC",
    "quality": "1080p",
    "startTime": STARTED,
    "duration": 725,
    "viewerCount": 17,
    "peakViewers": 23,
    "totalViews": 41,
    "recordingState": "recording",
    "thumbnailUrl": _PICTURE,
    "createdAt": "2026-03-14T18:55:10.000Z",
    "updatedAt": STARTED,
    "version": 4,
}
_MESSAGE: Example = {
    "id": MESSAGE_ID,
    "streamId": STREAM_ID,
    "userId": VIEWER,
    "displayName": "Ben",
    "role": "viewer",
    "message": "What a run!",
    "timestamp": _LATER,
    "isModerated": False,
    "clientMessageId": "c-41",
    "changeId": MESSAGE_ID,
    "version": 1,
}
_PAST: Example = {
    "streamId": STREAM_ID,
    "title": "Friday night speedrun",
    "startTime": STARTED,
    "endTime": ENDED,
    "duration": 5400,
    "peakViewers": 23,
    "peakAt": "2026-03-14T19:40:00.000Z",
    "totalViews": 58,
    "uniqueViewers": 49,
    "newViewers": 12,
    "watchSeconds": 81200.0,
    "averageWatchTime": 1400.0,
    "messages": 312,
    "moderatedMessages": 4,
    "chatters": 21,
}
_MINUTE: Example = {
    "minute": STARTED,
    "viewersMax": 12,
    "viewersAverage": 8.5,
    "joins": 12,
    "leaves": 1,
    "messages": 9,
    "moderatedMessages": 0,
    "health": "healthy",
}
_SUMS: Example = {
    "streams": 1,
    "totalViews": 58,
    "visits": 58,
    "newViewers": 12,
    "watchSeconds": 81200.0,
    "averageWatchTime": 1400.0,
    "peakViewers": 23,
    "messages": 312,
    "moderatedMessages": 4,
}
_SETTINGS: Example = {
    "participants": "followers",
    "followerAgeSeconds": 600,
    "slowModeSeconds": 5,
    "chatDelaySeconds": 0,
    "moderation": {
        "mode": "pre",
        "linksAllowed": False,
        "allowedDomains": ["speedrun.example"],
        "blockedTerms": [{"term": "spoiler", "kind": "prefix", "decision": "hold"}],
    },
}
_REPORT: Example = {
    "reportId": "0f3c1c527d5e4a549f3e0d9f4f0f8a11",
    "status": "open",
    "reporterId": VIEWER,
    "streamId": STREAM_ID,
    "ownerId": CREATOR,
    "reason": "spam",
    "detail": "The same link again and again.",
    "madeAt": _LATER,
    "thumbnailUrl": _PICTURE,
}

BODIES: Mapping[str, Example] = {
    "AnalyticsBody": {
        "streamId": STREAM_ID,
        "peakViewers": 23,
        "totalViews": 58,
        "averageWatchTime": 1400.0,
        "topRegions": [{"region": "DE", "views": 31, "share": 0.53}],
        "deviceTypes": {"desktop": 30, "mobile": 25, "tablet": 2, "tv": 1, "other": 0},
    },
    "BanListBody": {
        "bans": [
            {
                "userId": "troll",
                "kind": "time-out",
                "until": "2026-03-14T19:30:00.000Z",
                "reason": "spam",
                "sanctionedBy": MODERATOR,
                "sanctionedAt": _LATER,
            }
        ]
    },
    "CapabilitiesBody": {
        "provider": "ivs",
        "qualities": ["720p", "1080p"],
        "visibilities": ["PUBLIC", "UNLISTED", "PRIVATE"],
        "maxBitrateBps": 8500000,
        "isRecorded": True,
        "hasTimedMetadata": True,
        "reconnectGraceSeconds": 30,
    },
    "ChatSettingsBody": {**_SETTINGS, "version": 3},
    "ChatSettingsChange": {**_SETTINGS, "version": 2},
    "ErasureBody": {
        "receiptId": "01JZ7QH4E1R2A3S4E5X6Y7Z8AB",
        "requestedAt": _LATER,
        "backupsExpireAt": "2026-04-18T19:12:05.250Z",
    },
    "FollowingBody": {"userId": CREATOR, "role": "viewer", "followingSince": STARTED},
    "HealthBody": {
        "streamId": STREAM_ID,
        "state": "healthy",
        "ingest": {
            "width": 1920,
            "height": 1080,
            "framesPerSecond": 60.0,
            "videoBitrateBps": 6000000,
            "videoCodec": "avc1.4D402A",
            "audioBitrateBps": 160000,
            "audioCodec": "mp4a.40.2",
            "encoder": "obs-output module",
        },
        "events": [{"at": STARTED, "kind": "stream-started", "reason": ""}],
    },
    "HeldDecisionBody": {"decision": "approve", "reason": "A quotation."},
    "HeldMessageListBody": {
        "messages": [
            {
                **_MESSAGE,
                "message": "no spoilers please",
                "categories": ["blocked-term"],
                "scores": {"blocked-term": 1.0},
                "tier": "rules",
            }
        ]
    },
    "HistoryBody": {
        "from": "2026-03-01",
        "to": "2026-03-31",
        "totals": _SUMS,
        "growth": {"streams": 0.0, "totalViews": 0.12, "visits": 0.12, "watchSeconds": 0.2},
        "retention": {"returningVisits": 46, "returningShare": 0.79},
        "bestStream": _PAST,
        "peakHours": [{"hour": 19, "watchSeconds": 52000.0, "viewersMax": 23}],
        "days": [
            {
                "day": "2026-03-14",
                "streams": 1,
                "totalViews": 58,
                "visits": 58,
                "newViewers": 12,
                "watchSeconds": 81200.0,
                "peakViewers": 23,
                "messages": 312,
            }
        ],
        "streams": [_PAST],
    },
    "InvitationListBody": {"invitations": [{"userId": VIEWER, "createdAt": STARTED}]},
    "LogBody": {
        "entries": [
            {
                "id": "01JZ7Q9A1B2C3D4E5F6G7H8J9K",
                "action": "time-out",
                "actorId": MODERATOR,
                "at": _LATER,
                "reason": "spam",
                "targetUserId": "troll",
                "until": "2026-03-14T19:30:00.000Z",
            }
        ]
    },
    "MessageListBody": {"messages": [_MESSAGE], "newestChangeId": MESSAGE_ID},
    "MetadataBody": {"metadata": '{"goal": "sub 50"}'},
    "ModeratorListBody": {"moderators": [{"userId": MODERATOR}]},
    "PastStreamDetailsBody": {
        "stream": _PAST,
        "series": [_MINUTE],
        "regions": [{"name": "DE", "views": 31}],
        "devices": [{"name": "desktop", "views": 30}],
        "referrers": [{"name": "blog.example", "views": 7}],
        "watchTimes": [{"name": "60", "views": 49}],
    },
    "RecordingBody": {
        "streamId": STREAM_ID,
        "state": "ready",
        "duration": 5400,
        "playbackUrl": "https://live.example/recordings/media/hls/master.m3u8",
        "thumbnailUrl": _PICTURE,
    },
    "ReportBody": {"reason": "spam", "detail": "The same link again and again."},
    "ReportDecisionBody": {"status": "acted-on", "reason": "The stream was stopped."},
    "ReportListBody": {"reports": [_REPORT]},
    "ReportShownBody": {
        **_REPORT,
        "status": "acted-on",
        "decidedBy": "operator",
        "decidedAt": ENDED,
        "decisionReason": "The stream was stopped.",
    },
    "ReportedBody": {"reportId": _REPORT["reportId"]},
    "SanctionBody": {"durationSeconds": 600, "reason": "spam", "removeMessagesSeconds": 300},
    "StartBanBody": {"reason": "Repeated copyright infringement."},
    "StartBody": {
        "title": "Friday night speedrun",
        "description": "Any%, no glitches.",
        "visibility": "PUBLIC",
        "quality": "1080p",
    },
    "StartedBody": {
        "streamId": STREAM_ID,
        "rtmpUrl": "rtmps://a1b2c3.global-contribute.live-video.net:443/app/",
        "streamKey": "sk_us-east-1_…",
        "playbackUrl": "https://a1b2c3.us-east-1.playback.live-video.net/api/video/v1/live.m3u8",
    },
    "StatusBody": {
        "streamId": STREAM_ID,
        "status": "live",
        "viewerCount": 17,
        "startTime": STARTED,
        "duration": 725,
        "quality": "1080p",
    },
    "StoppedBody": {
        "streamId": STREAM_ID,
        "status": "processing",
        "startTime": STARTED,
        "endTime": ENDED,
        "duration": 5400,
    },
    "StreamChangesBody": {"title": "Saturday morning speedrun"},
    "StreamDetailsBody": {
        **_STREAM,
        "playbackUrl": "https://a1b2c3.us-east-1.playback.live-video.net/api/video/v1/live.m3u8",
    },
    "StreamKeyBody": {
        "streamId": STREAM_ID,
        "rtmpUrl": "rtmps://a1b2c3.global-contribute.live-video.net:443/app/",
        "streamKey": "sk_us-east-1_…",
    },
    "StreamListBody": {"streams": [_STREAM]},
    "TicketAnswer": {
        "ticket": "v1.eyJ0aWNrZXRJZCI6….…",
        "chatUrl": "wss://live.example/chat",
        "viewerId": "anon_01JZ7Q7Y6X5W4V3T2S1R0Q9P8N",
        "viewerToken": "anon_01JZ7Q7Y6X5W4V3T2S1R0Q9P8N.…",
        "role": "viewer",
        "expiresIn": 60,
        "connectionExpiresAt": "2026-03-14T21:12:05.000Z",
    },
    "TicketBody": {},
}
CSV = "stream id,title,start,end\n" + f"{STREAM_ID},Friday night speedrun,{STARTED},{ENDED}\n"
PARAMETERS: Mapping[str, object] = {
    "after": CREATOR,
    "channel": CREATOR,
    "cursor": "eyJhZnRlciI6IjAxSlo3In0",
    "format": "csv",
    "from": "2026-03-01",
    "include": "series,referrers",
    "limit": 20,
    "messageId": MESSAGE_ID,
    "reason": "spam",
    "reportId": _REPORT["reportId"],
    "status": "open",
    "streamId": STREAM_ID,
    "to": "2026-03-31",
    "userId": VIEWER,
}
_FAULTS: Mapping[int, Exception] = {
    400: InvalidInputError(
        "Some fields are not valid: title.",
        extra={
            "errors": [{"field": "title", "message": "String should have at least 1 character"}]
        },
    ),
    401: UnauthenticatedError("Sign in first."),
    403: ForbiddenError("Only the owner may do this."),
    404: NotFoundError("There is no such stream."),
    409: ConflictError("There is an open stream already.", code="stream-open"),
    413: PayloadTooLargeError("A body may have 65536 bytes at most."),
    415: UnsupportedMediaTypeError("The body must be application/json."),
    422: UnsupportedError(
        "The video service cannot deliver this quality.",
        code="quality-unsupported",
        extra={"supported": ["720p", "1080p"]},
    ),
    429: RateLimitedError("Too many tickets from this address.", retry_after_seconds=12),
    500: RuntimeError(),
    503: UpstreamError("The data store did not answer.", retry_after_seconds=1),
}


def problem_example(status: int) -> Example:
    """Return a problem as it is answered with a status.

    Args:
        status: HTTP status code of 400 or more.
    """
    return dict(problem_from(_FAULTS[status]).body)


def gateway_example(status: int) -> Example:
    """Return what the gateway itself answers with a status.

    Args:
        status: HTTP status code of 400 or more.
    """
    return {"message": HTTPStatus(status).phrase}
